#!/bin/sh
# deb.sh [OUT [BUILD]] - makes the Debian packages gnswatch and gnswatch-dev in OUT (build/deb), out
# of a build directory that is there, or of one it makes for them. Debian's own tools only: dpkg-dev.
#
#   gnswatch      the program, its plugins, the dashboard, the service, /etc/gnswatch/conf.d
#   gnswatch-dev  for authors of plugins: headers, CMake and pkg-config files, the test host,
#                 what `gnswatch plugin-test` runs, the documentation
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$source/build/deb}
build=${2:-}
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -z "$build" ]; then
    build=$out/build
    cmake -G Ninja -S "$source" -B "$build" -DGNSWATCH_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/usr
    cmake --build "$build"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^project(gnswatch VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
arch=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-gnswatch developers} <${DEBEMAIL:-gnswatch@example.org}>"
main=$work/gnswatch dev=$work/gnswatch-dev
DESTDIR=$main cmake --install "$build" --prefix /usr >"$work/install.log" 2>&1 ||
    { cat "$work/install.log" >&2; exit 1; }

# ---- Who gets what ----

move() { # PATH...: below usr, from the one package to the other
    for path in "$@"; do
        mkdir -p "$dev/usr/$(dirname "$path")"
        mv "$main/usr/$path" "$dev/usr/$path"
    done
}
lib=$(cd "$main/usr" && dirname "$(find lib* -name libgnswatch.so)")
move include "$lib/libgnswatch.so" "$lib/libgnswatch-testing.a" "$lib/cmake" "$lib/pkgconfig" \
    "$lib/gnswatch/gnswatch-plugin-test"
rm -f "$main/usr/$lib/gnswatch/plugins/disk.so" # an example; its source is in gnswatch-dev

mkdir -p "$main/etc/gnswatch" "$main/usr/lib/systemd/system" "$main/usr/lib/sysusers.d" \
    "$main/usr/share/doc/gnswatch" "$dev/usr/share/doc/gnswatch-dev/examples" \
    "$main/var/lib/gnswatch"
cp -r "$source/conf.d" "$main/etc/gnswatch/conf.d"
rm -f "$main/etc/gnswatch/conf.d/disk.yaml"
cp "$source/packaging/systemd/gnswatch.service" "$main/usr/lib/systemd/system/"
echo 'u gnswatch - "gnswatch" /var/lib/gnswatch' >"$main/usr/lib/sysusers.d/gnswatch.conf"
cp "$source/README.md" "$main/usr/share/doc/gnswatch/"
cp "$source/plugins/README.md" "$dev/usr/share/doc/gnswatch-dev/"
cp "$source"/plugins/examples/*.c "$dev/usr/share/doc/gnswatch-dev/examples/"
for package in gnswatch gnswatch-dev; do
    doc=$work/$package/usr/share/doc/$package
    cp "$source/packaging/debian/copyright" "$doc/copyright"
    printf '%s (%s) unstable; urgency=medium\n\n  * As of this source.\n\n -- %s  %s\n' gnswatch \
        "$version" "$maintainer" "$(date -R -r "$source/CMakeLists.txt")" |
        gzip -9n >"$doc/changelog.gz"
done

# ---- Small, and with the rights of a package ----

find "$main" "$dev" -type f ! -path '*/cmake/*' \( -name '*.so' -o -name '*.so.*' -o -path '*/bin/*' -o \
    -path "*/gnswatch/gnswatch-*" \) -exec strip --strip-unneeded \
    --remove-section=.comment --remove-section=.note {} +
strip --strip-debug --enable-deterministic-archives "$dev/usr/$lib/libgnswatch-testing.a"
find "$main" "$dev" -type d -exec chmod 755 {} +
find "$main" "$dev" -type f -exec chmod u=rwX,go=rX {} +
find "$main" "$dev" -name '*.so*' -type f -exec chmod 644 {} +

# ---- What they need ----

needs() { # FILE...: the packages of the libraries these want
    mkdir -p "$work/shlibs/debian"
    echo "Source: gnswatch" >"$work/shlibs/debian/control"
    (cd "$work/shlibs" && dpkg-shlibdeps -O --ignore-missing-info "-l$main/usr/$lib" "$@" \
        2>"$work/shlibs.log") | sed -n 's/^shlibs:Depends=//p'
}
# shellcheck disable=SC2046
main_needs=$(needs $(find "$main/usr" -type f \( -name '*.so' -o -name '*.so.*' -o -path '*/bin/*' \
    -o -path '*/gnswatch/gnswatch-*' \)))
dev_needs=$(needs "$dev/usr/$lib/gnswatch/gnswatch-plugin-test")

control() { # PACKAGE SECTION DEPENDS RECOMMENDS
    mkdir -p "$work/$1/DEBIAN"
    cat <<CONTROL >"$work/$1/DEBIAN/control"
Package: $1
Source: gnswatch
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$work/$1" | cut -f1)
Depends: $3
Recommends: $4
Section: $2
Priority: optional
CONTROL
    cat >>"$work/$1/DEBIAN/control"
    (cd "$work/$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort |
        xargs -d '\n' md5sum) >"$work/$1/DEBIAN/md5sums"
}
control gnswatch net "$main_needs, adduser | systemd" "rrdcached, tzdata" <<'END_OF'
Description: monitoring of GNS3 network-emulation labs
 Watches GNS3 servers, projects, nodes and links: history, health, traffic,
 alerts, snapshots and control on a live dashboard. Time series are kept in
 RRD files, everything else in SQLite; all of it is plugins.
END_OF
control gnswatch-dev devel \
    "gnswatch (= $version), libjansson-dev, libfyaml-dev, libsqlite3-dev, $dev_needs" \
    "gcc | c-compiler, cmake | make, pkg-config, binutils" <<'END_OF'
Description: monitoring of GNS3 labs - files for authors of plugins
 Headers, CMake and pkg-config files, the host for tests of plugins, and the
 conformance run of 'gnswatch plugin-test'. README.md leads to a first plugin
 in ten minutes.
END_OF
(cd "$main" && find etc -type f -printf '/%P\n' | sed 's|^/|/etc/|' | sort) >"$main/DEBIAN/conffiles"
cp "$source/packaging/debian/postinst" "$source/packaging/debian/postrm" "$source/packaging/debian/prerm" \
    "$main/DEBIAN/"
chmod 755 "$main/DEBIAN/postinst" "$main/DEBIAN/postrm" "$main/DEBIAN/prerm"
echo "activate-noawait ldconfig" >"$main/DEBIAN/triggers"
printf 'libgnswatch 1 gnswatch (>= %s)\n' "$version" >"$main/DEBIAN/shlibs"

for package in gnswatch gnswatch-dev; do
    dpkg-deb --root-owner-group -Zxz -z1 --build "$work/$package" "$out/${package}_${version}_$arch.deb"
done
