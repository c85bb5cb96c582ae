// SPDX-License-Identifier: GPL-3.0-or-later
// What the gate says of launch plans that do not fit, and of kernels that go wrong while they run.
#include "core/memory/KnownMistakes.h"

#include <array>

namespace ww {
namespace {

constexpr std::array kMistakes {
    KnownMistake {
        "plan-missing", "the source has no launch", "",
        "A candidate begins with its plan: //@ launch KERNEL grid(…) block(…) args(…), one line a kernel.",
        "", "", "// no plan\n"},
    KnownMistake {
        "plan-shared-argument", "takes \\d+ arguments, the plan gives it .*shared memory", "",
        "shared(bytes) in OpenCL is one more, last kernel argument (__local float *t); in CUDA it is no "
        "argument but extern __shared__.",
        "", "", "//@ launch probe grid(ceil_div(N, 64)) block(64) shared(256) args(x, y, N, 1)\n"},
    KnownMistake {"plan-argument-count", "takes \\d+ arguments, the plan gives it \\d+", "",
                  "args(…) of a launch lists exactly the kernel's parameters, in their order.", "", "",
                  "//@ launch probe grid(ceil_div(N, 64)) block(64) args(x, y)\n"},
    KnownMistake {"plan-kernel-name", "the source has no kernel|does not mention a kernel", "",
                  "A launch names a kernel that the source defines by that very name, and no template.", "",
                  "", "//@ launch prob grid(ceil_div(N, 64)) block(64) args(x, y, N)\n"},
    KnownMistake {
        "plan-unknown-name", "names nothing: no tensor|neither an axis of the task nor a tunable", "",
        "The plan knows the task's axes, tensors and scalars, and the tunables and scratch buffers it "
        "declares itself: no other names.",
        "", "", "//@ launch probe grid(ceil_div(N, BLOCK)) block(64) args(x, y, N)\n"},
    KnownMistake {"plan-no-output", "no launch is given the output", "",
                  "Every output tensor must be in the args(…) of a launch.", "", "",
                  "//@ launch probe grid(ceil_div(N, 64)) block(64) args(x, x, N)\n"},
    KnownMistake {
        "plan-tune-values", "values are plain decimal integers", "",
        "Values of //@ tune are plain decimal integers: 1, 2, 4; no fractions, suffixes or names.", "", "",
        "//@ tune SCALE = 2.0, 3.0\n//@ launch probe grid(ceil_div(N, 64)) block(64) args(x, y, N)\n"},
    KnownMistake {
        "plan-size-range", "(grid|block|shared) .* and must be from", "",
        "grid(…) counts work-groups, not work-items, and block(…) the work-items of one: each at least "
        "1, a block at most 4096, and less where the device says so.",
        "", "", "//@ launch probe grid(ceil_div(N, 64)) block(0) args(x, y, N)\n"},
    KnownMistake {
        "plan-syntax",
        "^(expected .*found|unknown (statement|launch attribute|attribute)|the launch of .* lacks|"
        "unexpected '=')",
        "^\\s*//@",
        "Plan lines are //@ tune NAME = 1, 2; //@ require EXPR; //@ scratch NAME: float32[dim]; //@ launch "
        "KERNEL grid(…) block(…) args(…), one statement a line.",
        "", "", "//@ launch probe grid(ceil_div(N, 64)) args(x, y, N)\n"},
    KnownMistake {"limit-work-group",
                  "a block of \\d+ work-items is more than|can run with at most \\d+ work-items", "",
                  "The block has more work-items than this device allows."},
    KnownMistake {"launch-bounds", "compiled for at most \\d+ threads a block", "",
                  "__launch_bounds__ must be at least the block of the plan."},
    KnownMistake {"limit-shared-memory",
                  "bytes of (__shared__|local|shared) memory.*(can have|the device has)|"
                  "bytes of shared memory are more than",
                  "", "The kernel asks for more shared (local) memory than a block of this device can have."},
    KnownMistake {
        "limit-occupancy", "does not fit a multiprocessor", "",
        "A block with these registers, threads and shared memory does not fit a multiprocessor of this "
        "device."},
    KnownMistake {"changes-input", "overstepped .*it changed its input", "",
                  "Inputs must not be written to, not even through a cast."},
    KnownMistake {
        "out-of-bounds", "overstepped .*it wrote", "",
        "Guard every access: shapes are not multiples of the block or the vector, and work-items beyond "
        "the last element must neither write nor read."},
    KnownMistake {
        "never-written", "is never written", "",
        "Every element of every output must be set on every shape: count groups with ceil_div, cover the "
        "rest of rows, columns and vectors, and do not add to what an output held before."},
    KnownMistake {
        "reads-unwritten", "depends on what outputs or scratch held before the launch", "",
        "Outputs and scratch hold arbitrary values at first: do not accumulate into them unless a kernel "
        "of the plan, or scratch … zero, has set them."},
};

} // namespace

std::span<const KnownMistake> planMistakes()
{
    return kMistakes;
}

} // namespace ww
