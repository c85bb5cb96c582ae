#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the CUDA side on a machine that has a GPU, a compiler and CMake, and nothing of ours: no packages, no network.
#   on_gpu.sh pack BUILD FOLDER    here: FOLDER gets what was built here, the sources, and the headers and libraries
#                                  to build them there (this script is in FOLDER too)
#   on_gpu.sh run FOLDER [OUT]     there: builds, checks, benchmarks; a short table last, all logs in
#                                  OUT/everything.tar.gz
# PARTS (default: all but sanitize): here = what was built here runs there; build = a release build there; suite =
# the adversarial suite; crash = a crash and a cancellation; gate, timing, tasks = tests/perf against its peers;
# sanitize = every shipped kernel under compute-sanitizer (TOOLS). STEPS and SECONDS_EACH bound a task's search,
# TASKS which of them. WORK (default /opt/on_gpu) must be a folder that an ordinary user may read: children do not
# run as root. Nothing of the card's settings is changed. NO_SANDBOX=1 runs kernels without walls, for machines where
# none can be had.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
multiarch=lib/x86_64-linux-gnu

# copy_libraries FOLDER PROGRAM…: what the programs load, but for the C and C++ libraries, which any machine has.
copy_libraries() {
    local folder=$1 library
    shift
    mkdir -p "$folder"
    ldd "$@" | awk '$3 ~ /^\// { print $3 }' | sort -u |
        grep -Ev '/(libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so' |
        while read -r library; do cp -L "$library" "$folder/"; done
}

pack_programs() {
    local build=$1 folder=$2
    mkdir -p "$folder/bin"
    cp "$build"/bin/{warpwright-cli,warpwright-worker-cuda} "$folder/bin/" || exit 1
    # Those that need nothing of the source folder.
    cp "$build"/bin/tst_cuda_{compile,texts} "$folder/bin/" 2>/dev/null
    strip "$folder"/bin/*
    copy_libraries "$folder/lib" "$folder"/bin/*
}

# Headers, CMake files and libraries of the packages that a build without window and tests needs.
pack_needs() {
    local build=$1 folder=$2 package path
    mkdir -p "$folder/include" "$folder/$multiarch"
    for package in libfmt-dev nlohmann-json3-dev libsqlite3-dev libssl-dev zlib1g-dev libcli11-dev libexpected-dev \
        libseccomp-dev "$(dpkg -S /usr/$multiarch/libcurl.so | cut -d: -f1)"; do
        dpkg -L "$package" | while read -r path; do
            [ -d "$path" ] && continue
            case $path in
            # Headers of one architecture go beside the others: only the system's own folder is looked for twice.
            /usr/include/x86_64-linux-gnu/*) install -D -m 644 "$path" "$folder/include/${path#/usr/include/x86_64-linux-gnu/}" ;;
            /usr/include/* | */cmake/*) install -D -m 644 "$path" "$folder/${path#/usr/}" ;;
            */pkgconfig/*.pc) install -D -m 644 "$path" "$folder/${path#/usr/}" && sed -i "s|=/usr|=$(needs_there)|" "$folder/${path#/usr/}" ;;
            *.so) cp -L "$path" "$(readlink -f "$path")" "$folder/$multiarch/" ;;
            esac
        done
    done
    copy_libraries "$folder/$multiarch" "$build"/bin/{warpwright-cli,warpwright-worker-cuda}
}

work=${WORK:-/opt/on_gpu}
needs_there() { echo "$work/needs"; }

pack() {
    local build=$1 folder=$2 staging
    staging=$(mktemp -d)
    mkdir -p "$folder"
    pack_programs "$build" "$staging/here"
    pack_needs "$build" "$staging/needs"
    tar -C "$staging" -czf "$folder/here.tgz" here
    tar -C "$staging" -czf "$folder/needs.tgz" needs
    tar -C "$root" -czf "$folder/sources.tgz" CMakeLists.txt app core kernels resources tests
    cp "${BASH_SOURCE[0]}" "$folder/on_gpu.sh"
    rm -rf "$staging"
    du -sh "$folder"/*
}

# step NAME COMMAND…: runs it within LIMIT seconds, keeps what it says and how long it took.
step() {
    local name=$1 begin status
    shift
    begin=$(date +%s.%N)
    timeout "${LIMIT:-120}" "$@" >"$logs/$name.log" 2>&1
    status=$?
    awk -v n="$name" -v s="$status" -v a="$begin" -v b="$(date +%s.%N)" \
        'BEGIN { printf "%-34s %-11s %7.1f s\n", n, s ? "status " s : "ok", b - a }' | tee -a "$logs/steps.txt"
    return "$status"
}

# A command that runs a program with its own libraries, which Python, where it is the caller, must not load.
wrap() {
    local folder=$1
    chmod -R a+rX "$folder"
    printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s\nexec %s/bin/warpwright-cli "$@"\n' "$2" "$folder" >"$folder/cli"
    chmod a+rx "$folder/cli"
}

# What was built elsewhere: it says what it finds, compiles, judges and times.
part_here() {
    local test here=$work/here
    step here-doctor "$here/cli" doctor
    cat "$logs/here-doctor.log"
    step here-evaluate "$here/cli" evaluate --device cuda:0 ${NO_SANDBOX:+--no-sandbox} --task "$kernels/softmax" \
        --candidate "$kernels/softmax/variants/online.cu" --workload 4096
    grep -E 'verdict|speed-up' "$logs/here-evaluate.log"
    for test in "$here"/bin/tst_cuda_*; do
        [ -x "$test" ] && LD_LIBRARY_PATH=$here/lib QT_QPA_PLATFORM=offscreen step "here-$(basename "$test")" "$test" &&
            grep Totals "$logs/here-$(basename "$test").log"
    done
}

part_build() {
    local needs
    needs=$(needs_there)
    export PKG_CONFIG_PATH=$needs/$multiarch/pkgconfig
    # The linker looks there for the libraries of the libraries.
    step configure cmake -S "$work/sources" -B "$work/there" -G Ninja -DCMAKE_BUILD_TYPE=Release -DWW_GUI=OFF \
        -DWW_TESTS=OFF -DCMAKE_DISABLE_FIND_PACKAGE_OpenCL=ON -DCMAKE_PREFIX_PATH="$needs" \
        -DOPENSSL_ROOT_DIR="$needs" -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath-link,$needs/$multiarch" &&
        LIMIT=300 step build ninja -C "$work/there" || tail -n 30 "$logs"/{configure,build}.log
    # What is measured from here on is what was built there.
    [ -x "$work/there/bin/warpwright-worker-cuda" ] && wrap "$work/there" "$needs/$multiarch" && cli=$work/there/cli
}

part_suite() {
    LIMIT=180 step suite python3 "$work/sources/tests/adversarial/run_suite.py" --cli "$cli" --jobs 14 --seconds 60 \
        ${NO_SANDBOX:+--no-sandbox}
    tail -n 20 "$logs/suite.log" | cut -c1-300
}

part_crash() {
    step crash python3 "$work/sources/tests/device/crash_and_cancel.py" --cli "$cli" ${NO_SANDBOX:+--no-sandbox}
    cat "$logs/crash.log"
}

part_sanitize() {
    local tool
    for tool in ${TOOLS:-memcheck racecheck initcheck synccheck}; do
        TOOL=$tool LIMIT=${SANITIZE_LIMIT:-150} step "sanitize-$tool" bash "$work/sources/tests/device/sanitize.sh" "$cli" \
            "$kernels" "$logs/sanitize" 14
        grep -vE 'PASSED .* errors 0$' "$logs/sanitize-$tool.log"
    done
}

part_gate() {
    step gate python3 "$perf/gate_latency.py" --cli "$cli" --device cuda:0 --task "$kernels/softmax" --repeat 10 \
        --candidate "$kernels/softmax/variants/online.cu" --workload 4096
    cat "$logs/gate.log"
}

part_timing() {
    LIMIT=150 step timing python3 "$perf/timing_peers.py" --cli "$cli" --kernels "$kernels"
    cat "$logs/timing.log"
}

part_tasks() {
    local task
    for task in ${TASKS:-$(ls "$kernels")}; do
        [ -e "$kernels/$task/baseline.cu" ] || continue
        LIMIT=$((${SECONDS_EACH:-25} + 60)) step "task-$task" python3 "$perf/task_peers.py" --cli "$cli" --kernels "$kernels" \
            --steps "${STEPS:-40}" --seconds "${SECONDS_EACH:-25}" --only "$task"
    done
    for task in "$logs"/task-*.log; do
        [ -e "$task" ] && grep '^|' "$task"
    done | awk '!seen[$0]++'
}

# Also when the time is up: what there is by then comes back.
finish() {
    tar -C "$logs" -czf "$out/everything.tar.gz" .
    cp "$logs/steps.txt" "$out/"
    rm -rf "$logs"
}

run() {
    local folder part archive
    folder=$(cd "$1" && pwd)
    out=${2:-${OUT:-$folder/out}}
    logs=$(mktemp -d)
    mkdir -p "$out" "$work/sources"
    trap finish EXIT
    trap 'exit 124' TERM INT
    for archive in here needs; do
        tar -C "$work" -xzf "$folder/$archive.tgz" || exit 1
    done
    tar -C "$work/sources" -xzf "$folder/sources.tgz" || exit 1
    chmod -R a+rX "$work"
    export HOME=${HOME:-/root} WARPWRIGHT_KERNELS="$work/sources/kernels"
    kernels=$work/sources/kernels perf=$work/sources/tests/perf
    wrap "$work/here" "$work/here/lib"
    cli=$work/here/cli
    [ -x "$work/there/cli" ] && cli=$work/there/cli
    step machine bash -c 'nvidia-smi; uname -a; cat /etc/os-release; ls -l /dev/nvidia*; ldd "$0"' "$work/here/bin/warpwright-cli"
    for part in ${PARTS:-here build suite crash gate timing tasks}; do
        "part_$part"
    done
    printf '\n'
    cat "$logs/steps.txt"
}

case "${1:-}" in
pack) pack "$2" "$3" ;;
run) run "$2" "${3:-}" ;;
*)
    sed -n '3,16p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
