// SPDX-License-Identifier: GPL-3.0-or-later
//@ launch copy grid(ceil_div(N, 256)) block(256) args(x, y, N)

extern "C" __global__ void copy(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        y[i] = x[i];
}
