// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"
// Reads local memory that another item of the group may not have written yet.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
    __local float tile[64];
    const int i = get_global_id(0);
    const int l = get_local_id(0);
    const int mirrored = get_group_id(0) * 64 + 63 - l;
    tile[63 - l] = mirrored < n ? x[mirrored] : 0.0f;
    if (i < n)
        y[i] = 2.0f * tile[l] + 1.0f;
}
