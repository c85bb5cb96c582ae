// SPDX-License-Identifier: GPL-3.0-or-later
// class: cuda-intrinsic
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n) y[i] = __expf(x[i]) + rsqrtf(x[i]);
}
