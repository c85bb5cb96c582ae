// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
//@ scratch t: float32[N]
//@ launch first grid(ceil_div(N, 64)) block(64) args(x, t, N)
//@ launch second grid(ceil_div(N, 64)) block(64) args(t, y, N)

__kernel void first(__global const float *x, __global float *t, int n)
{
    const int i = get_global_id(0);
    if (i < n)
        t[i] = 2.0f * x[i];
}

__kernel void second(__global const float *t, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n)
        y[i] = t[i] + 1.0f;
}
