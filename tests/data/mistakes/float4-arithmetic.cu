// SPDX-License-Identifier: GPL-3.0-or-later
// class: vector-operators
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 v = make_float4(1, 2, 3, 4), w = v;
    v = v + w;
    if (i < n) y[i] = v.x;
}
