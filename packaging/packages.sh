# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages the project needs, sourced by run.sh and test.sh. Ubuntu 24.04 has them by the same names.
# shellcheck shell=bash disable=SC2034

build_packages=(
    cmake ninja-build g++ ccache mold pkg-config
    qt6-base-dev libqt6opengl6-dev libqscintilla2-qt6-dev libqcustomplot-dev qtkeychain-qt6-dev
    nlohmann-json3-dev libsqlite3-dev libssl-dev zlib1g-dev
    libfmt-dev libcli11-dev libexpected-dev libseccomp-dev libcurl4-openssl-dev
    ocl-icd-opencl-dev opencl-headers
)
run_packages=(pocl-opencl-icd bubblewrap binutils fonts-dejavu-core ca-certificates)
test_packages=(xvfb xauth sqlite3 python3 dbus gnome-keyring)
