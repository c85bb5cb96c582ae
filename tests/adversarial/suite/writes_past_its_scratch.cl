// SPDX-License-Identifier: GPL-3.0-or-later
// expect: RUNTIME_ERROR "past the end of 't'"
//@ scratch t: float32[N]
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, t, N)

__kernel void twice(__global const float *x, __global float *y, __global float *t, int n)
{
    const int i = get_global_id(0);
    if (i < n) {
        t[i + 1] = x[i];
        y[i] = 2.0f * x[i] + 1.0f;
    }
}
