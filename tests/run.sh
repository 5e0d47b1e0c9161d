#!/bin/sh
# run.sh - installs what the tests need, builds, runs all tests; ends with ctest's closing lines.
#
#   tests/run.sh           everything: gcc and clang with -Werror, static checks, ASan+UBSan, TSan
#   tests/run.sh --quick   one build, static checks that are quick, unit and plugin tests
#   tests/run.sh -- ARGS   goes on to the last ctest (for example -R store)
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh

quick=no
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --) shift; break ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1 (known: --quick, -- ctest arguments)" >&2; exit 2 ;;
    esac
    shift
done

# shellcheck disable=SC2086
install_missing $build_packages $test_packages
# shellcheck disable=SC2086
[ $quick = yes ] || install_counterparts $counterpart_packages
command -v npm >/dev/null || install_missing nodejs npm
[ -d tests/web/node_modules ] || [ ! -f tests/web/package.json ] ||
    npm --prefix tests/web ci --no-audit --no-fund --silent

out=${GNSWATCH_TEST_BUILD:-build/tests}
jobs=$(nproc)
failed=""
export CTEST_OUTPUT_ON_FAILURE=1

say() { printf '\n== %s\n' "$*"; }

configure() { # NAME CMAKE-ARGUMENT...
    name=$1; shift
    launcher=""
    command -v ccache >/dev/null && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
    mkdir -p "$out"
    cmake -G Ninja -S . -B "$out/$name" $launcher "$@" >"$out/$name.log" 2>&1 ||
        { cat "$out/$name.log"; exit 1; }
}

build() { # NAME TARGET
    say "building $1"
    cmake --build "$out/$1" -j "$jobs" --target "$2" >>"$out/$1.log" 2>&1 || { tail -n 60 "$out/$1.log"; exit 1; }
}

configure gcc -DCMAKE_C_COMPILER=gcc
build gcc all

if [ $quick = yes ]; then
    say "quick tests"
    exec ctest --test-dir "$out/gcc" -j "$jobs" -L 'unit|plugin|quick' -LE slow "$@"
fi

configure clang -DCMAKE_C_COMPILER=clang -DGNSWATCH_FUZZ=ON
build clang fuzzers # with libFuzzer; clang's warnings on everything: check.clang
# Warnings are judged above; with sanitizers gcc 12 sees truncations where there are none.
configure asan -DCMAKE_C_COMPILER=gcc -DGNSWATCH_WERROR=OFF -DGNSWATCH_SANITIZE=address,undefined
build asan sanitized
configure tsan -DCMAKE_C_COMPILER=clang -DGNSWATCH_WERROR=OFF -DGNSWATCH_SANITIZE=thread
build tsan threaded

say "AddressSanitizer and UndefinedBehaviorSanitizer"
ctest --test-dir "$out/asan" -j "$jobs" -L 'unit|plugin|fault|fuzz' -LE 'nosan' --no-tests=error || failed="$failed asan"
say "ThreadSanitizer"
ctest --test-dir "$out/tsan" -j "$jobs" -L threads --no-tests=error || failed="$failed tsan"

say "all tests"
[ -z "$failed" ] || trap 'echo "Failed before:$failed" >&2; exit 1' EXIT
ctest --test-dir "$out/gcc" -j "$((jobs + 1))" "$@" # most of them wait most of the time
