#!/bin/sh
# cppcheck finds nothing. Its cache lives in the build folder, so a second run is quick.
mkdir -p "$2/cppcheck"
exec cppcheck --quiet --error-exitcode=1 --std=c11 --language=c -j 2 \
    --enable=warning,performance,portability --inline-suppr --cppcheck-build-dir="$2/cppcheck" \
    --library="$1/tests/checks/cppcheck.cfg" --suppress=missingInclude --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE \
    -I "$1/include" -I "$1/core" "$1/core" "$1/plugins"
