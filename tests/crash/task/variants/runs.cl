// SPDX-License-Identifier: GPL-3.0-or-later
// A run of elements for each work-item.
//@ tune RUN = 4, 16, 64
//@ tune GROUP = 1, 8
//@ launch scale grid(ceil_div(n, RUN * GROUP)) block(GROUP) args(x, y, n)

__kernel void scale(__global const float *x, __global float *y, int n)
{
    int first = get_global_id(0) * RUN;
    for (int i = first; i < min(first + RUN, n); ++i)
        y[i] = 2.0f * x[i];
}
