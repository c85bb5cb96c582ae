// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "macros expanded"
// A hundred million statements by macro.
#define B0 y[i] += x[i];
#define B1 B0 B0 B0 B0 B0 B0 B0 B0
#define B2 B1 B1 B1 B1 B1 B1 B1 B1
#define B3 B2 B2 B2 B2 B2 B2 B2 B2
#define B4 B3 B3 B3 B3 B3 B3 B3 B3
#define B5 B4 B4 B4 B4 B4 B4 B4 B4
#define B6 B5 B5 B5 B5 B5 B5 B5 B5
#define B7 B6 B6 B6 B6 B6 B6 B6 B6
#define B8 B7 B7 B7 B7 B7 B7 B7 B7
#define B9 B8 B8 B8 B8 B8 B8 B8 B8
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n) {
        B9
    }
}
