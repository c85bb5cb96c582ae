// SPDX-License-Identifier: GPL-3.0-or-later
// class: shuffle-without-mask
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    float v = __shfl_down(x[i], 1);
    if (i < n) y[i] = v;
}
