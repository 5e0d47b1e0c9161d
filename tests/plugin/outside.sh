#!/bin/sh
# outside.sh BUILD SOURCE CC - installs into a prefix and is an author outside of the tree: builds
# the examples with find_package(gnswatch) and with pkg-config, then has gnswatch check, list,
# describe and load them. Then it does word for word what plugins/README.md says of a first plugin.
set -eu
build=$1 source=$2 cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "outside.sh: $*" >&2
    exit 1
}

# Sanitized plugins need a sanitized program of the same kind: that is not what authors do.
if grep -q '^GNSWATCH_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then
    echo "skipped: a build with sanitizers"
    exit 77
fi

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 ||
    { tail "$work/install.log" >&2; fail "cannot install"; }
gnswatch=$work/prefix/bin/gnswatch
"$gnswatch" version >/dev/null || fail "the installed program does not start"
rm -f "$work"/prefix/lib/*/gnswatch/plugins/load.so "$work"/prefix/lib/*/gnswatch/plugins/disk.so \
    "$work"/prefix/lib/gnswatch/plugins/load.so "$work"/prefix/lib/gnswatch/plugins/disk.so

# 1. find_package
mkdir "$work/cmake"
cp "$source/plugins/examples/load.c" "$source/plugins/examples/disk.c" "$work/cmake"
cat >"$work/cmake/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.18)
project(outside C)
find_package(gnswatch REQUIRED)
gnswatch_add_plugin(load load.c)
gnswatch_add_plugin(disk disk.c)
END
{
    CC=$cc cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$work/prefix" &&
        cmake --build "$work/cmake/build" && cmake --install "$work/cmake/build"
} >"$work/cmake.log" 2>&1 || { tail -n 30 "$work/cmake.log" >&2; fail "find_package(gnswatch)"; }

# 2. pkg-config
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name gnswatch.pc)")
export PKG_CONFIG_PATH
mkdir "$work/pkgconfig"
for name in load disk; do
    # shellcheck disable=SC2046
    "$cc" -std=gnu11 -shared -fPIC $(pkg-config --cflags gnswatch) \
        "$source/plugins/examples/$name.c" -o "$work/pkgconfig/$name.so" \
        $(pkg-config --libs gnswatch) || fail "pkg-config: $name does not build"
done
plugindir=$(pkg-config --variable=plugindir gnswatch)
[ -f "$plugindir/gns3.so" ] || fail "pkg-config: plugindir $plugindir holds no plugins"

# Both kinds are found, fit, and say what they are.
mkdir "$work/conf.d"
printf 'every: 1s\n' >"$work/conf.d/load.yaml"
printf 'paths: [/, /tmp]\nwarn_above: 95\n' >"$work/conf.d/disk.yaml"
try() {
    "$gnswatch" "$@" -c "$work/conf.d" >"$work/out" 2>&1 || { cat "$work/out" >&2; fail "$*"; }
}
[ -f "$plugindir/load.so" ] || fail "find_package: load.so was not installed into $plugindir"
for dir in "" "--plugins=$work/pkgconfig"; do
    try check $dir
    grep -q '2 instances, no mistakes' "$work/out" || fail "check: $(cat "$work/out")"
    try describe disk $dir
    grep -q 'disk.scan (operator)' "$work/out" || fail "describe: $(cat "$work/out")"
    try plugins $dir
    grep -q '^load  *1.0' "$work/out" || fail "plugins: $(cat "$work/out")"
done
printf 'warn_abov: 95\n' >"$work/conf.d/disk.yaml"
"$gnswatch" check -c "$work/conf.d" >"$work/out" 2>&1 && fail "a mistake was not found"
grep -q "did you mean 'warn_above'" "$work/out" || fail "check: $(cat "$work/out")"

# 3. The ten minutes of plugins/README.md, word for word.
"$source/tests/plugin/ten_minutes.sh" "$source/plugins/README.md" "$work/prefix/bin" \
    "$(dirname "$PKG_CONFIG_PATH")" "$cc" || fail "the ten minutes of README.md"
echo "plugins outside of the tree: built twice, loaded, described"
