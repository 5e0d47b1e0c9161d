#!/bin/sh
# clang-format has nothing to change.
cd "$1" || exit 1
git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
