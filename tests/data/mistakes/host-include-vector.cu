// SPDX-License-Identifier: GPL-3.0-or-later
// class: include
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
#include <vector>
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = 2 * x[i] + 1;
}
