#!/bin/sh
# run.sh - all benches, one after the other, at their full size; takes about ten minutes.
#
#   tests/bench/run.sh [BUILD [NAME...]]     BUILD: a build directory (build/bench, made if missing)
#   NAME: ring store api gns3_lists gns3_poll startup memory latency worker prometheus
#
# Ends with 1 when a figure missed its bound by the margin that README.md says.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/bench}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- ring store api gns3_lists gns3_poll startup memory latency worker prometheus

[ -f "$build/build.ninja" ] || cmake -G Ninja -S . -B "$build" >/dev/null
cmake --build "$build" --target gnswatch gnswatch-sim gns3 load flood prometheus gnswatch-rrd \
    bench_ring bench_store bench_api bench_gns3_lists >/dev/null

build=$(cd "$build" && pwd)
export GNSWATCH="$build/bin/gnswatch" GNSWATCH_SIM="$build/tests/sim/gnswatch-sim"
export GNSWATCH_PLUGINS="$build/lib/gnswatch/plugins" PYTHONDONTWRITEBYTECODE=1
export GNSWATCH_TEST_PLUGINS="$build/tests/flow/plugins"

failed=""
for name; do
    printf '\n== %s\n' "$name"
    if [ -f "tests/bench/bench_$name.py" ]; then
        python3 "tests/bench/bench_$name.py" || failed="$failed $name"
    else
        "$build/tests/bench/bench_$name" || failed="$failed $name"
    fi
done
[ -z "$failed" ] || { printf '\nMissed by far:%s\n' "$failed" >&2; exit 1; }
