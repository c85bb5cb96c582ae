// SPDX-License-Identifier: GPL-3.0-or-later
// class: opencl-builtin
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = native_exp(x[i]);
}
