// SPDX-License-Identifier: GPL-3.0-or-later
// class: global-variable
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
float two = 2.0f;
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n) y[i] = two * x[i] + 1;
}
