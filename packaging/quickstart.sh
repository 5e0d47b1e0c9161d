#!/bin/sh
# quickstart.sh - from a fresh Debian 12 machine to a live dashboard.
#
# Installs what is missing, builds into build/, and runs gnswatch in the foreground: on the GNS3
# server at 127.0.0.1:3080 if one answers, on a simulated lab otherwise. Ctrl-C ends it.
set -eu
cd "$(dirname "$0")/.."
. packaging/packages.sh

usage() {
    cat <<'EOF'
Usage: packaging/quickstart.sh [--demo | --real | --build-only] [-- OPTION...]
  --demo        run the simulated lab, also when a GNS3 server answers
  --real        run on conf.d/gns3.yaml, also when no GNS3 server answers now
  --build-only  install and build, do not run
  OPTION        goes to "gnswatch run" or "gnswatch demo"; see build/bin/gnswatch run --help
EOF
}

mode=auto
while [ $# -gt 0 ]; do
    case $1 in
    --demo) mode=demo ;;
    --real) mode=real ;;
    --build-only) mode=build ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) echo "quickstart.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

# shellcheck disable=SC2086
install_missing $build_packages curl ca-certificates
echo "Building (about a minute the first time) ..."
log=build/quickstart.log
mkdir -p build
if ! { cmake -G Ninja -S . -B build -DGNSWATCH_TESTS=OFF && cmake --build build; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "The build failed; the whole log is in $log." >&2
    exit 1
fi
[ "$mode" = build ] && { echo "Built: build/bin/gnswatch"; exit 0; }

gns3_answers() {
    for api in v2 v3; do
        code=$(curl -s -m 3 -o /dev/null -w '%{http_code}' "http://127.0.0.1:3080/$api/version") || true
        case $code in 200 | 401) return 0 ;; esac
    done
    return 1
}
if [ "$mode" = auto ]; then
    if gns3_answers; then
        mode=real
        echo "A GNS3 server answers at 127.0.0.1:3080: watching it (settings: conf.d/gns3.yaml)."
    else
        mode=demo
        echo "No GNS3 server answers at 127.0.0.1:3080: running a simulated lab."
    fi
fi
[ "$mode" = demo ] && exec build/bin/gnswatch demo --state build/demo "$@"
exec build/bin/gnswatch run -c conf.d "$@"
