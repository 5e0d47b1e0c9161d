#!/bin/sh
# ten_minutes.sh README BINDIR LIBDIR CC - does word for word what plugins/README.md says of a first
# plugin, with an installed gnswatch and nothing else of ours. Only the port is another.
set -eu
readme=$1 bin=$2 lib=$3
work=$(mktemp -d)
daemon=""
end() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
CC=$4 PATH=$bin:$PATH
CMAKE_PREFIX_PATH=$(dirname "$bin") PKG_CONFIG_PATH=$lib/pkgconfig
LD_LIBRARY_PATH=${GNSWATCH_LIBRARY_PATH:-}
export CC PATH CMAKE_PREFIX_PATH PKG_CONFIG_PATH LD_LIBRARY_PATH
cd "$work"

fail() {
    echo "ten_minutes.sh: $*" >&2
    tail -n 40 "$work/out" "$work/run.log" >&2 || true
    exit 1
}

block() { # LANGUAGE NUMBER: the text of a fenced block
    awk -v want="\`\`\`$1" -v number="$2" '
        $0 == "```" { inside = 0 }
        inside { print }
        $0 == want && ++seen == number { inside = 1 }' "$readme"
}

does() { # NUMBER WORDS...: the commands of a block, which say these words
    number=$1
    shift
    block sh "$number" | sed "s|http://127.0.0.1:8088|$base|g" >"$work/block"
    [ -s "$work/block" ] || fail "README has no block $number"
    sed -i '$!s/$/ \&\&/' "$work/block" # one after the other, to the first that fails
    . "$work/block" >"$work/out" 2>&1 || fail "block $number: $(cat "$work/block")"
    for words in "$@"; do
        grep -q "$words" "$work/out" || fail "block $number does not say '$words'"
    done
}

base=http://127.0.0.1:8088
touch "$work/out" "$work/run.log"
does 1 'The plugin' 'files.c'
does 2 '100% tests passed, 0 tests failed out of 1'
grep -qi warning "$work/out" && fail "there are warnings"
does 3 'All 10 passed'
# The change by hand: the row of the README, and the words around it.
block c 1 >"$work/row"
sed -i "/^static const struct gw_row options/r $work/row" files.c
sed -i 's/static long count_files(const char \*path)/static long count_files(const char *path, bool hidden)/
        s/count += entry->d_name\[0\] != .*/count += hidden || entry->d_name[0] != '"'.'"';/
        s/count_files(path_of(self))/count_files(path_of(self), gw_bool(gw_options(self), "hidden"))/' files.c
does 4 'hidden' 'Count files that begin with a dot' '1 instance, no mistakes'
# The same by make.
make >"$work/out" 2>&1 || fail make
make check >>"$work/out" 2>&1 || fail "make check"
grep -qi warning "$work/out" && fail "there are warnings by make"

# The daemon on a port of its own, in the background.
mkdir -p ../try/conf.d
printf 'api:\n  listen: 127.0.0.1:0\n' >../try/conf.d/gnswatch.yaml
block sh 5 | sed '/gnswatch run/d' >"$work/block"
. "$work/block"
line=$(block sh 5 | sed -n 's/^gnswatch run\(.*\)&$/\1/p')
[ -n "$line" ] || fail "README does not run it"
# shellcheck disable=SC2086
gnswatch run $line >"$work/run.log" 2>&1 &
daemon=$!
tries=0
until [ -s ../try/state/gnswatch.ports ] &&
    base=http://127.0.0.1:$(sed 's/[^0-9]*\([0-9]*\).*/\1/' ../try/state/gnswatch.ports) &&
    curl -sf "$base/api/files/directories" | grep -q '"files"'; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 "$daemon" || fail "the daemon does not come up"
    sleep 0.1
done
does 6 'files.directory{' '"many":' '"\{0,1\}files"\{0,1\}: *[0-9]'
kill "$daemon"
wait "$daemon" || fail "the daemon ended with $?"
daemon=""

# With AddressSanitizer, where the compiler has it.
if echo 'int main(void){return 0;}' | "$CC" -x c -fsanitize=address - -o "$work/probe" 2>/dev/null; then
    case $("$CC" --version) in *clang*) ;; *) does 7 'with AddressSanitizer' 'All 10 passed' ;; esac
fi
echo "ten minutes: written, built twice, tested, run"
