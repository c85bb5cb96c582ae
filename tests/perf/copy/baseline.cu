// SPDX-License-Identifier: GPL-3.0-or-later
// Four neighbours a thread; the last few one by one.
//@ launch copy grid(ceil_div(N, 1024)) block(256) args(x, y, N)

extern "C" __global__ void copy(const float *x, float *y, int n)
{
    const int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
    if (i + 3 < n) {
        *(float4 *)(y + i) = *(const float4 *)(x + i);
    } else {
        for (int k = i; k < n; ++k)
            y[k] = x[k];
    }
}
