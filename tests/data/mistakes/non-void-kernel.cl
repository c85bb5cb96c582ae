// SPDX-License-Identifier: GPL-3.0-or-later
// class: kernel-returns-value
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel int twice(__global const float *x, __global float *y, int n)
{
    int i = get_global_id(0);
    if (i < n) y[i] = 2 * x[i] + 1;
    return 0;
}
