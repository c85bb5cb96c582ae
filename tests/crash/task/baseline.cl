// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a group: as slow as it can be written in a line.
//@ launch scale grid(n) block(1) args(x, y, n)

__kernel void scale(__global const float *x, __global float *y, int n)
{
    int i = get_global_id(0);
    y[i] = 2.0f * x[i];
}
