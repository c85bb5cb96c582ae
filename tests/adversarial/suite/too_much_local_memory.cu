// SPDX-License-Identifier: GPL-3.0-or-later
// expect: RESOURCE_LIMIT "" or COMPILE_ERROR "shared"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    __shared__ float t[1 << 24];
    t[threadIdx.x] = n;
    y[blockIdx.x * blockDim.x + threadIdx.x] = t[0];
}
