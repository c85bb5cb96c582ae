// SPDX-License-Identifier: GPL-3.0-or-later
// class: kernel-parameter-type
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel void twice(__global const float *x, __global float *y, size_t n)
{
    size_t i = get_global_id(0);
    if (i < n) y[i] = 2 * x[i] + 1;
}
