# packages.sh - Debian 12's names of what gnswatch needs; sourced by quickstart.sh and tests/run.sh.
# shellcheck shell=sh

build_packages="gcc libc6-dev cmake ninja-build pkg-config libuv1-dev libwebsockets-dev
libwebsockets-evlib-uv libssl-dev libcap-dev libfyaml-dev libsqlite3-dev libjansson-dev
libcurl4-openssl-dev librrd-dev libsodium-dev libxxhash-dev libhttp-parser-dev zlib1g-dev libesmtp-dev
libmosquitto-dev libsnappy-dev libpcap-dev libndpi-dev libzstd-dev libarchive-dev tzdata"

test_packages="clang clang-format clang-tidy cppcheck libclang-rt-14-dev llvm libcmocka-dev ccache
curl jq openssl python3 rrdtool rrdcached sqlite3 wrk mosquitto
mosquitto-clients exim4-daemon-light python3-aiosmtpd prometheus prometheus-alertmanager
chromium fonts-dejavu-core ca-certificates git procps"

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
