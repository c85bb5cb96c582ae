#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a fresh clone to passed tests: installs what is missing, builds with warnings as errors, runs every
# test. Safe to run twice.
set -euo pipefail
# shellcheck source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

install_missing "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}"
build ci

say "Testing"
export QT_QPA_PLATFORM=offscreen WARPWRIGHT_KERNELS="$root/kernels" WW_ARTIFACTS="${WW_ARTIFACTS:-$root/build/artifacts}"
mkdir -p "$WW_ARTIFACTS"
cd "$root"
ctest --preset ci -j "$(nproc)" ||
    die "tests failed" "Run one alone with: ctest --preset ci -R NAME --output-on-failure"
