#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the CUDA side on a machine that has a GPU and nothing of ours: no packages, no network.
#   on_gpu.sh pack BUILD FOLDER    here: programs, tests, kernels and the libraries they need, stripped
#   on_gpu.sh run FOLDER [OUT]     there: doctor, CUDA tests, the adversarial suite, a search with the catalogue
#                                  on every task; all logs in OUT/everything.tar.gz, a table last
# FOLDER must be where an ordinary user may read it: children do not run as root. Nothing of the card's settings
# is changed. NO_SANDBOX=1 runs kernels without walls, for machines where none can be had; STEPS (default 10) is
# how many candidates a search tries, TASKS which tasks; SANITIZE=1 runs every kernel under compute-sanitizer too.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

pack() {
    local build=$1 folder=$2 program library
    rm -rf "$folder"
    mkdir -p "$folder/bin" "$folder/lib" "$folder/tests"
    cp "$build"/bin/{warpwright-cli,warpwright-worker-cuda} "$folder/bin/" || exit 1
    cp "$build"/bin/tst_cuda_* "$folder/bin/" 2>/dev/null
    cp -r "$root/kernels" "$folder/kernels"
    cp -r "$root/tests/adversarial" "$folder/tests/adversarial"
    mkdir -p "$folder/tests/device"
    cp "$root"/tests/device/{sanitize.sh,crash_and_cancel.py} "$folder/tests/device/"
    cp "${BASH_SOURCE[0]}" "$folder/on_gpu.sh"
    strip "$folder"/bin/*
    # The C and C++ libraries come from the machine itself.
    for program in "$folder"/bin/*; do
        ldd "$program" | awk '$3 ~ /^\// { print $3 }'
    done | sort -u | grep -Ev '/(libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so' |
        while read -r library; do cp -L "$library" "$folder/lib/"; done
    chmod -R a+rX "$folder"
    du -sh "$folder"
}

# step NAME COMMAND…: runs it, keeps what it says and how long it took.
step() {
    local name=$1 begin end status
    shift
    begin=$(date +%s.%N)
    "$@" >"$logs/$name.log" 2>&1
    status=$?
    end=$(date +%s.%N)
    awk -v n="$name" -v s="$status" -v a="$begin" -v b="$end" 'BEGIN { printf "%-34s status %-4s %7.1f s\n", n, s, b - a }' |
        tee -a "$logs/steps.txt"
    return "$status"
}

search_task() {
    local task=$1 session="$logs/$1.wwsession"
    "$cli" search --device cuda:0 ${NO_SANDBOX:+--no-sandbox} --task "$folder/kernels/$task" --seed 1 \
        --steps "${STEPS:-10}" --session "$session" &&
        "$cli" export "$session" --format json --out "$logs/$task.json"
}

# Also when the time is up: what there is by then comes back.
finish() {
    tar -C "$logs" -czf "$out/everything.tar.gz" .
    cp "$logs/steps.txt" "$out/"
    rm -rf "$logs"
}

run() {
    folder=$(cd "$1" && pwd)
    out=${2:-${OUT:-$folder/out}}
    logs=$(mktemp -d)
    mkdir -p "$out"
    trap finish EXIT
    trap 'exit 124' TERM INT
    export LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export HOME=${HOME:-/root} WARPWRIGHT_KERNELS="$folder/kernels" QT_QPA_PLATFORM=offscreen
    cli="$folder/bin/warpwright-cli"
    chmod +x "$folder"/bin/*
    step machine bash -c 'nvidia-smi; uname -a; ls -l /dev/nvidia*; ldd "$0"' "$cli"
    step doctor "$cli" doctor
    cat "$logs/doctor.log"
    local test task
    for test in "$folder"/bin/tst_cuda_*; do
        [ -x "$test" ] && step "$(basename "$test")" timeout 120 "$test"
    done
    step adversarial-suite python3 "$folder/tests/adversarial/run_suite.py" --cli "$cli" --jobs 8 \
        ${NO_SANDBOX:+--no-sandbox}
    tail -n 20 "$logs/adversarial-suite.log" | cut -c1-300
    step crash-and-cancel python3 "$folder/tests/device/crash_and_cancel.py" --cli "$cli" ${NO_SANDBOX:+--no-sandbox}
    cat "$logs/crash-and-cancel.log"
    [ -n "${SANITIZE:-}" ] &&
        step sanitize "$folder/tests/device/sanitize.sh" "$cli" "$folder/kernels" "$logs/sanitize" &&
        tail -n 1 "$logs/sanitize.log"
    for task in ${TASKS:-$(ls "$folder/kernels")}; do
        [ -e "$folder/kernels/$task/baseline.cu" ] && step "search-$task" search_task "$task"
    done
    for task in "$logs"/search-*.log; do
        [ -e "$task" ] || continue
        printf '\n== %s\n' "$(basename "$task" .log)"
        grep -v '^$' "$task" | tail -n 14 | cut -c1-160
    done
}

case "${1:-}" in
pack) pack "$2" "$3" ;;
run) run "$2" "${3:-}" ;;
*)
    sed -n '3,9p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
