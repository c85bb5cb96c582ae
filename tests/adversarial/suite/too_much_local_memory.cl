// SPDX-License-Identifier: GPL-3.0-or-later
// expect: RESOURCE_LIMIT "local memory"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
    __local float t[1 << 24];
    t[get_local_id(0)] = n;
    y[get_global_id(0)] = t[0];
}
