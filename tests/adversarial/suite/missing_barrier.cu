// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"
// Reads local memory that another item of the group may not have written yet.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    __shared__ float tile[64];
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const int l = threadIdx.x;
    const int mirrored = blockIdx.x * 64 + 63 - l;
    tile[63 - l] = mirrored < n ? x[mirrored] : 0.0f;
    if (i < n)
        y[i] = 2.0f * tile[l] + 1.0f;
}
