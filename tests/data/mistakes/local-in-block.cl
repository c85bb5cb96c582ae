// SPDX-License-Identifier: GPL-3.0-or-later
// class: local-in-block
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    for (int j = 0; j < 2; ++j) {
        __local float t[64];
        t[i % 64] = x[i];
        if (i < n) y[i] = 2 * t[i % 64] + 1;
    }
}
