// SPDX-License-Identifier: GPL-3.0-or-later
// expect: TIMEOUT "workload"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    volatile int go = 1;
    while (go)
        printf("%d again\n", i);
}
