#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a fresh clone to a live search: installs what is missing, builds, and opens the window with a
# search running on matmul. Without a display the same search runs in the terminal and leaves a report.
# Safe to run twice. Arguments go to the search, e.g. --steps 20.
set -euo pipefail
begin=$(date +%s.%N)
# shellcheck source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

install_missing "${build_packages[@]}" "${run_packages[@]}"
build release
bin="$root/build/release/bin"
export WARPWRIGHT_KERNELS="${WARPWRIGHT_KERNELS:-$root/kernels}"

say "What is here"
"$bin/warpwright-cli" doctor || die "no device to evaluate kernels on" "Follow the arrows above, then run this script again"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "Opening the window with a search on matmul"
    exec "$bin/warpwright" --task matmul --search "$@"
fi

out="$root/build/first-search"
mkdir -p "$out"
session="$out/matmul-$(date +%Y%m%d-%H%M%S).wwsession"
report="${session%.wwsession}.html"
say "No display: running the same search here (Ctrl+C stops it and keeps every result)"
status=0
"$bin/warpwright-cli" search --task "$WARPWRIGHT_KERNELS/matmul" --steps 60 --seed 1 --session "$session" "$@" |
    tee "$out/search.log" |
    while IFS= read -r line; do
        printf '%s\n' "$line"
        # The first line with a candidate ends the first measurable wait of a new user.
        if [ -z "${first:-}" ] && [[ $line =~ \#1\  ]]; then
            first=$(date +%s.%N)
            awk -v a="$begin" -v b="$first" 'BEGIN { printf "         (first candidate evaluated %.0f s after this script began)\n", b - a }' |
                tee "$out/time-to-first-candidate.txt"
        fi
    done || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 130 ] || die "the search ended with status $status" "Its last lines above say why; 'warpwright-cli doctor' checks the machine"
"$bin/warpwright-cli" export "$session" --format html --out "$report"

say "Done"
cat <<EOF
report   $report
session  $session
best     $bin/warpwright-cli show --best "$session"
window   run this script where DISPLAY or WAYLAND_DISPLAY is set (a desktop, or 'ssh -X'),
         or open this session there: $bin/warpwright "$session"
EOF
