// SPDX-License-Identifier: GPL-3.0-or-later
// class: bfloat16-header
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    __nv_bfloat16 h = __float2bfloat16(x[i]);
    if (i < n) y[i] = __bfloat162float(h);
}
