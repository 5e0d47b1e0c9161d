#!/bin/sh
# clang-tidy finds nothing in what is shipped (.clang-tidy says what it looks for). The analyzer takes
# nearly all the time; TIDY_NODES is how far it follows one function (225000 is its own default, and
# takes three times as long for what has been the same findings).
cd "$1" || exit 1
extra="-extra-arg=-Xclang -extra-arg=-analyzer-config -extra-arg=-Xclang"
# shellcheck disable=SC2086
run-clang-tidy -quiet -j 2 -p "$2" $extra "-extra-arg=max-nodes=${TIDY_NODES:-20000}" \
    "^$1/(core|plugins)/.*\.c$" >"$2/tidy.log" 2>&1 ||
    { grep -E 'warning:|error:' "$2/tidy.log" | sort -u | head -100; exit 1; }
