#!/bin/sh
# mklab_test - the lab builder made for real servers works against the simulator: up, status,
# snapshot, down, with consoles and pings, in both versions.
# usage: mklab_test.sh SIMULATOR [MKLAB]     exit 77 when mklab.py is not there
set -eu
sim=$1
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
mklab=${2:-${GNSWATCH_MKLAB:-$here/../../../shared/tools/mklab.py}}
if [ ! -f "$mklab" ]; then
    echo "SKIPPED: mklab.py not found at $mklab"
    exit 77
fi
dir=$(mktemp -d)
pid=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$dir"
}
trap finish EXIT

lab() {
    python3 "$mklab" --server "http://127.0.0.1:$port" "$@" 2>"$dir/err" || {
        cat "$dir/err"
        echo "FAIL $version: mklab $*"
        exit 1
    }
}

expect() {
    python3 -c "
import json, sys
d = json.load(open('$dir/out'))['projects']
assert $1, d" || {
        echo "FAIL $version: $1"
        exit 1
    }
}

for version in 2.2.59 3.0.6; do
    rm -f "$dir/ports"
    "$sim" --api "$version" --projects 0 --console --ports-file "$dir/ports" >/dev/null &
    pid=$!
    tries=0
    until [ -f "$dir/ports" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "FAIL $version: the simulator did not start"; exit 1; }
        sleep 0.05
    done
    port=$(python3 -c "import json; print(json.load(open('$dir/ports'))['servers'][0]['port'])")
    lab up --project lab1 --nodes 4 --topology pairs --snapshots 1 >"$dir/out"
    expect "len(d['lab1']['nodes']) == 4 and len(d['lab1']['links']) == 2"
    expect "all(n['status'] == 'started' for n in d['lab1']['nodes'].values())"
    expect "sum('pinging' in str(t) for t in d['lab1']['traffic'].values()) == 2"
    lab up --project lab2 --nodes 3 --topology switch --no-start >"$dir/out"
    expect "'SW1' in d['lab2']['nodes'] and len(d['lab2']['links']) == 3"
    lab snapshot --project lab1 --count 2 >"$dir/out"
    expect "sorted(d['lab1']) == ['snap1', 'snap2']"
    lab status >"$dir/out"
    expect "sorted(d) == ['lab1', 'lab2'] and len(d['lab1']['snapshots']) == 2"
    lab down --project lab1,lab2 >"$dir/out"
    lab status >"$dir/out"
    expect "d == {}"
    kill "$pid"
    wait "$pid" || { echo "FAIL $version: the simulator ended badly"; exit 1; }
    pid=
    echo "$version: up, snapshot, status and down work"
done
