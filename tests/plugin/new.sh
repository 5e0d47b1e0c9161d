#!/bin/sh
# new.sh GNSWATCH - `gnswatch new`: bad names are refused with a reason, what is there is never
# touched, and nothing is left half done. That it builds: outside.sh and test_skeleton.
set -eu
gnswatch=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "new.sh: $*" >&2
    exit 1
}

refused() { # WORDS CODE ARGUMENT...
    words=$1 code=$2
    shift 2
    got=0
    "$gnswatch" new "$@" >out 2>&1 || got=$?
    [ "$got" -eq "$code" ] || fail "new $*: exit code $got, not $code: $(cat out)"
    grep -q "$words" out || fail "new $*: no word of '$words': $(cat out)"
}

refused 'expected NAME' 2
refused 'begins with a letter' 2 9lives
refused 'begins with a letter' 2 ../escape
refused 'only a-z' 2 a-b
refused 'only a-z' 2 a/b
refused '1 to 32 characters' 2 ""
refused '1 to 32 characters' 2 abcdefghijklmnopqrstuvwxyz0123456789
refused 'take another' 2 test
refused 'take another' 2 gw_series
refused 'has a plugin of this name' 2 disk
refused 'did not expect' 2 one two
refused 'No such file' 1 files --dir nowhere/files
[ "$(ls)" = out ] || fail "something was written: $(ls)"

"$gnswatch" new files >out || fail "new files: $(cat out)"
for file in files.c test_files.c CMakeLists.txt Makefile conf.d/files.yaml README.md; do
    [ -s "files/$file" ] || fail "no $file"
done
grep -r skeleton files && fail "a name was left"

# One file that is there, even a link that leads nowhere, and nothing is written.
mkdir other
ln -s nowhere other/Makefile
refused 'other/Makefile: is there already' 1 files --dir other
[ "$(ls other)" = Makefile ] || fail "written beside what was there: $(ls other)"
echo mine >files/files.c
refused 'files/files.c: is there already' 1 files
[ "$(cat files/files.c)" = mine ] || fail "overwritten"
"$gnswatch" check -c files/conf.d >out 2>&1 && fail "a plugin that is not there was found"
ln -s /dev/full full
refused 'Not a directory' 1 more --dir full
echo "gnswatch new: refuses what it should, writes what it says"
