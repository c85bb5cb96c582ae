// SPDX-License-Identifier: GPL-3.0-or-later
// class: opencl-vector-literal
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 v = (float4)(0.0f, 1.0f, 2.0f, 3.0f);
    if (i < n) y[i] = v.x;
}
