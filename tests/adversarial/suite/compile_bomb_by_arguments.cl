// SPDX-License-Identifier: GPL-3.0-or-later
// expect: TIMEOUT "" or RESOURCE_LIMIT "" or COMPILE_ERROR ""
// A hundred million statements by macros in macros' arguments, which nobody sees before they are expanded.
#define E(x) x x x x x x x x
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n) {
        E(E(E(E(E(E(E(E(E(y[i] += x[i];)))))))))
    }
}
