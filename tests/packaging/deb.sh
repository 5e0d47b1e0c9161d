#!/bin/sh
# deb.sh BUILD SOURCE CC - the Debian packages are made, are sound (lintian, where it is), and unpacked
# into an empty root they are all that the ten minutes of plugins/README.md need.
set -eu
build=$1 source=$2 cc=$3
for tool in dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || { echo "skipped: there is no $tool (Debian: dpkg-dev)"; exit 77; }
done
if grep -q '^GNSWATCH_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then
    echo "skipped: a build with sanitizers"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "deb.sh: $*" >&2
    exit 1
}

"$source/packaging/deb.sh" "$work" "$build" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "no packages"; }
main=$(ls "$work"/gnswatch_*.deb) dev=$(ls "$work"/gnswatch-dev_*.deb)
holds() { # DEB PATH...
    deb=$1
    shift
    dpkg-deb --contents "$deb" >"$work/list"
    for path in "$@"; do
        grep -q " \./$path" "$work/list" || fail "$(basename "$deb") has no $path"
    done
}
holds "$main" usr/bin/gnswatch etc/gnswatch/conf.d/gns3.yaml usr/lib/systemd/system/gnswatch.service \
    'usr/lib.*/gnswatch/plugins/gns3.so' 'usr/lib.*/libgnswatch.so.1' usr/share/gnswatch/web/index.html
holds "$dev" usr/include/gnswatch/plugin.h usr/include/gnswatch/testing.h 'usr/lib.*/libgnswatch.so ' \
    'usr/lib.*/libgnswatch-testing.a' 'usr/lib.*/pkgconfig/gnswatch.pc' \
    'usr/lib.*/cmake/gnswatch/gnswatch-config.cmake' 'usr/lib.*/gnswatch/gnswatch-plugin-test' \
    usr/share/doc/gnswatch-dev/README.md
dpkg-deb --contents "$main" | grep -E '\./usr/include|testing\.a|pkgconfig' && fail "gnswatch holds files for authors"
for deb in "$main" "$dev"; do
    depends=$(dpkg-deb --field "$deb" Depends)
    case $depends in *libc6*) ;; *) fail "$(basename "$deb") needs only: $depends" ;; esac
    dpkg-deb --contents "$deb" | awk '$2 != "root/root" { print; bad = 1 } END { exit bad }' || fail "files of others"
done
dpkg-deb --field "$main" Depends | grep -q libjansson4 || fail "gnswatch does not need its libraries"
dpkg-deb --info "$main" conffiles | grep -q '^/etc/gnswatch/conf.d/gns3.yaml$' || fail "no conffiles"

if command -v lintian >/dev/null; then
    lintian --fail-on error --suppress-tags custom-library-search-path "$main" "$dev" >"$work/lintian" 2>&1 ||
        { cat "$work/lintian" >&2; fail "lintian"; }
fi

dpkg-deb -x "$main" "$work/root"
dpkg-deb -x "$dev" "$work/root"
"$work/root/usr/bin/gnswatch" version >/dev/null || fail "the unpacked program does not start"
lib=$(dirname "$(dirname "$(find "$work/root/usr" -name gnswatch.pc)")")
"$source/tests/plugin/ten_minutes.sh" "$work/root/usr/share/doc/gnswatch-dev/README.md" \
    "$work/root/usr/bin" "$lib" "$cc" || fail "the ten minutes with the packages"
echo "packages: made, sound, enough for a first plugin"
