// SPDX-License-Identifier: GPL-3.0-or-later
// class: limit-group-functions
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    float v = work_group_reduce_add(x[i]);
    if (i < n) y[i] = v;
}
