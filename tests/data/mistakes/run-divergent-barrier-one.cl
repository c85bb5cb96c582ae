// SPDX-License-Identifier: GPL-3.0-or-later
// class: divergent-barrier
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__kernel void twice(__global const float *x, __global float *y, int n)
{
    __local float tile[64];
    const int i = get_global_id(0), l = get_local_id(0);
    if (l == 0) {
        for (int k = 0; k < 64; ++k)
            tile[k] = i + k < n ? x[i + k] : 0.0f;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (i < n)
        y[i] = 2.0f * tile[l] + 1.0f;
}
