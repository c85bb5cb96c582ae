// SPDX-License-Identifier: GPL-3.0-or-later
//@ tune GROUP = 16, 64, 256
//@ launch scale grid(ceil_div(n, GROUP)) block(GROUP) args(x, y, n)

__kernel void scale(__global const float *x, __global float *y, int n)
{
    int i = get_global_id(0);
    if (i < n)
        y[i] = 2.0f * x[i];
}
