// SPDX-License-Identifier: GPL-3.0-or-later
//@ launch scale grid(ceil_div(n, 64)) block(64) args(x, y, n)

__kernel void scale(__global const float *x, __global float *y, int n)
{
    int i = get_global_id(0);
    if (i < n)
        y[i] = (float)(2.0 * (double)x[i]);
}
