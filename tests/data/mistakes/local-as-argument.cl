// SPDX-License-Identifier: GPL-3.0-or-later
// class: address-space-mixed
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
float f(__global const float *t, int i) { return 2 * t[i] + 1; }
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    __local float t[64];
    t[i % 64] = x[i];
    if (i < n) y[i] = f(t, i % 64);
}
