#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the CUDA side on a machine that has a GPU and nothing of ours: no sources, no packages, no network.
#   on_gpu.sh pack BUILD FOLDER    here: programs, tests, kernels and the libraries they need, stripped
#   on_gpu.sh run FOLDER [OUT]     there: checks, evaluates and times everything; logs under OUT, a table last
# Nothing of the card's settings is changed.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

pack() {
    local build=$1 folder=$2 program library
    rm -rf "$folder"
    mkdir -p "$folder/bin" "$folder/lib"
    cp "$build"/bin/{warpwright-cli,warpwright-worker-cuda} "$folder/bin/" || exit 1
    cp "$build"/bin/tst_cuda_* "$folder/bin/" 2>/dev/null
    cp -r "$root/kernels" "$folder/kernels"
    mkdir -p "$folder/tests/adversarial" "$folder/tests/device"
    cp -r "$root/tests/adversarial/." "$folder/tests/adversarial/"
    cp "${BASH_SOURCE[0]}" "$folder/on_gpu.sh"
    strip "$folder"/bin/*
    # The C library and its parts come from the machine itself.
    for program in "$folder"/bin/*; do
        ldd "$program" | awk '$3 ~ /^\// { print $3 }'
    done | sort -u | grep -Ev '/(libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so' | while read -r library; do
        cp -L "$library" "$folder/lib/"
    done
    du -sh "$folder"
}

# How long a step took, in a file that the table is made from.
step() {
    local name=$1 begin end status
    shift
    begin=$(date +%s.%N)
    "$@" >"$out/log/$name.log" 2>&1
    status=$?
    end=$(date +%s.%N)
    awk -v n="$name" -v s="$status" -v a="$begin" -v b="$end" 'BEGIN { printf "%-34s status %-4s %7.1f s\n", n, s, b - a }' |
        tee -a "$out/steps.txt"
    return "$status"
}

evaluate_task() {
    local task=$1 kernel
    for kernel in "$folder/kernels/$task/baseline.cu" "$folder/kernels/$task"/variants/*.cu; do
        [ -e "$kernel" ] || continue
        "$cli" evaluate --device cuda:0 --task "$folder/kernels/$task" --candidate "$kernel" --json \
            >"$out/json/$task.$(basename "$kernel" .cu).json" 2>"$out/json/$task.$(basename "$kernel" .cu).err"
    done
}

table() {
    python3 - "$out" <<'END'
import glob, json, os, sys
rows = []
for path in sorted(glob.glob(os.path.join(sys.argv[1], "json", "*.json"))):
    name = os.path.basename(path)[:-5]
    try:
        record = json.load(open(path))
    except ValueError:
        error = open(path[:-5] + ".err").read().strip().splitlines()
        rows.append((name, "NO RECORD", error[-1][:90] if error else ""))
        continue
    times = " ".join(f"{t['workload']} {t['median_us']:.2f}" for t in record.get("timing", []))
    speedup = record.get("speedup") or {}
    flags = ",".join(t["probe"] for t in record.get("trust", []) if t["verdict"] != "ok")
    bound = record.get("bound") or {}
    text = f"{speedup.get('ratio', 0):6.2f}x {speedup.get('verdict', ''):9} sol {bound.get('sol_score', 0):4.2f} {record.get('wall_ms', 0):7.0f} ms  {times} {flags}"
    rows.append((name, record["verdict"], text if record["verdict"] == "PASSED" else record.get("message", "")[:110]))
for name, verdict, text in rows:
    print(f"{name:30} {verdict:20} {text}")
END
}

run() {
    folder=$(cd "$1" && pwd)
    out=${2:-${OUT:-$folder/out}}
    mkdir -p "$out/log" "$out/json"
    : >"$out/steps.txt"
    export LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export HOME=${HOME:-/root} WARPWRIGHT_KERNELS="$folder/kernels" QT_QPA_PLATFORM=offscreen
    cli="$folder/bin/warpwright-cli"
    chmod +x "$folder"/bin/*
    step machine bash -c 'nvidia-smi; uname -a; ls -l /dev/nvidia*; ldd "$0"' "$cli"
    step doctor "$cli" doctor
    local test task
    for test in "$folder"/bin/tst_cuda_*; do
        [ -x "$test" ] && step "$(basename "$test")" timeout 120 "$test"
    done
    for task in "$folder"/kernels/*/; do
        task=$(basename "$task")
        [ -e "$folder/kernels/$task/baseline.cu" ] && step "evaluate-$task" evaluate_task "$task"
    done
    tar -C "$out" -czf "$out/everything.tar.gz" log json steps.txt
    cat "$out/log/doctor.log"
    table | tee "$out/table.txt"
    rm -rf "$out/log" "$out/json"
}

case "${1:-}" in
pack) pack "$2" "$3" ;;
run) run "$2" "${3:-}" ;;
*)
    sed -n '3,7p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
