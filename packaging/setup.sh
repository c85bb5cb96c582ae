# SPDX-License-Identifier: GPL-3.0-or-later
# What run.sh and test.sh share: saying what is done, installing what is missing, building. Sourced, not run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packages.sh
source "$root/packaging/packages.sh"

say() { printf '\n== %s\n' "$*"; }

# die WHAT REMEDY: ends with a message a person can act on.
die() {
    printf '\nfailed: %s\n%s\n' "$1" "$2" >&2
    exit 1
}

# install_missing PACKAGE...: asks apt for those that are not there yet; does nothing when all are.
install_missing() {
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
        die "this script installs with apt, which is not here" \
            "On another system install the packages listed in packaging/packages.sh by hand, then build with: cmake --preset release && cmake --build --preset release"
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "All packages are installed"
        return
    fi
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "packages are missing and there is no sudo" \
            "As root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt could not install the packages (whole log: $log)" \
            "Check the network and /etc/apt/sources.list, then run this script again"
    fi
    rm -f "$log"
}

# build PRESET: configures and builds; a second run only does what changed.
build() {
    say "Building (preset $1); the first time takes some minutes"
    (cd "$root" && cmake --preset "$1") >"$root/build/configure-$1.log" 2>&1 || {
        tail -n 30 "$root/build/configure-$1.log" >&2
        die "CMake could not configure the project" "The lines above say what is missing; the whole log is build/configure-$1.log"
    }
    (cd "$root" && cmake --build --preset "$1") ||
        die "the build failed" "The first error above says why; report it with 'git rev-parse HEAD' and 'c++ --version'"
}

mkdir -p "$root/build"
