# packages.sh - Debian 12's names of what gnswatch needs; sourced by quickstart.sh and tests/run.sh.
# shellcheck shell=sh

build_packages="gcc libc6-dev cmake ninja-build pkg-config libuv1-dev libwebsockets-dev
libwebsockets-evlib-uv libssl-dev libcap-dev libfyaml-dev libsqlite3-dev libjansson-dev
libcurl4-openssl-dev librrd-dev libsodium-dev libxxhash-dev libhttp-parser-dev zlib1g-dev libesmtp-dev
libmosquitto-dev libsnappy-dev libndpi-dev libzstd-dev libarchive-dev libseccomp-dev
tzdata"

test_packages="clang clang-format clang-tidy cppcheck libclang-rt-14-dev llvm libcmocka-dev ccache
curl jq openssl python3 rrdtool rrdcached sqlite3 wrk
abigail-tools dpkg-dev chromium fonts-dejavu-core ca-certificates git procps"

# Real counterparts of the plugins. A test whose counterpart is missing says so and is skipped. Not
# here: victoria-metrics, whose package would listen to the world from the next boot on.
counterpart_packages="mosquitto mosquitto-clients exim4-daemon-light python3-aiosmtpd prometheus
prometheus-alertmanager protobuf-compiler python3-prometheus-client python3-jsonschema
monitoring-plugins-basic munin-plugins-core collectd-core"

# Installs those of "$@" that are missing; as root, or through sudo.
install_missing() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    echo "Installing:$missing"
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "These Debian packages are missing:$missing" >&2
            echo "Install them as root (apt-get install$missing), then run this again." >&2
            return 1
        }
        sudo=sudo
    fi
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        $missing >/dev/null 2>&1 && return 0
    $sudo apt-get update -q >/dev/null
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        $missing >/dev/null
}

# Installs those of "$@" that can be, one by one, without removing anything (another mail server,
# say) and without starting what they bring: tests start their own.
install_counterparts() {
    policy=/usr/sbin/policy-rc.d
    held=no
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
        command -v ${sudo:-sh} >/dev/null || { echo "Not installed, its tests are skipped: $package"; continue; }
        if [ $held = no ] && [ ! -e $policy ]; then
            printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null && $sudo chmod 755 $policy
            held=yes
        fi
        echo "Installing: $package"
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            --no-remove "$package" >/dev/null 2>&1 ||
            echo "Not installed, its tests are skipped: $package"
    done
    [ $held = no ] || $sudo rm -f $policy
}
