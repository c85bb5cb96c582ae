#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shipped CUDA kernel, and the host code of ours that runs it, under NVIDIA's compute-sanitizer.
#   sanitize.sh CLI KERNELS OUT [JOBS]     on a machine with a GPU; CLI is warpwright-cli with its worker beside it
# Each kernel goes through compile, smoke and correctness on the workloads that are not timed (small and odd shapes),
# without a sandbox, because the tool has to look into the runner. TOOL chooses memcheck (default), racecheck,
# initcheck or synccheck; TASKS which tasks, ONLY (a regular expression) which kernels of theirs; KERNEL_LIMIT
# (seconds) bounds one kernel. Prints one line a kernel and the count of errors; fails when there are any.
set -uo pipefail

cli=$1 kernels=$2 out=$3 jobs=${4:-8} tool=${TOOL:-memcheck}
export cli kernels out tool
mkdir -p "$out"

# check TASK FILE: what the tool says of one kernel.
check() {
    local task=$1 file=$2 name log verdict errors
    name=$task-$(basename "$file" .cu)
    log=$out/$tool-$name
    # shellcheck disable=SC2046
    timeout "${KERNEL_LIMIT:-100}" compute-sanitizer --tool "$tool" --target-processes all --log-file "$log.%p.log" \
        "$cli" evaluate --no-sandbox --device cuda:0 --task "$kernels/$task" --candidate "$file" \
        --last-stage correctness --json $(python3 -c 'import json, sys
for each in json.load(open(sys.argv[1]))["workloads"]:
    if not each.get("timed", True):
        print("--workload", each["name"])' "$kernels/$task/task.json") >"$log.json" 2>"$log.err"
    verdict=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["verdict"])' "$log.json" 2>/dev/null)
    # One summary a process that used the device: the supervisor has none.
    errors=$(cat "$log".*.log 2>/dev/null | awk '/ERROR SUMMARY|RACECHECK SUMMARY/ { n++; sum += $4 } END { print n ? sum : "none" }')
    printf '%-40s %-20s processes %-3s errors %s\n' "$name" "${verdict:-no record}" \
        "$(cat "$log".*.log 2>/dev/null | grep -c SUMMARY)" "$errors"
}
export -f check

for task in ${TASKS:-$(ls "$kernels")}; do
    for file in "$kernels/$task"/{reference,baseline}.cu "$kernels/$task"/variants/*.cu; do
        [ -e "$file" ] && [[ $file =~ ${ONLY:-.} ]] && printf '%s\0%s\0' "$task" "$file"
    done
done | xargs -0 -n 2 -P "$jobs" bash -c 'check "$0" "$1"' | tee "$out/$tool.txt"
awk '$2 != "PASSED" || $NF != 0 { bad++ } END { printf "%d kernels, %d not clean\n", NR, bad; exit bad > 0 }' "$out/$tool.txt"
