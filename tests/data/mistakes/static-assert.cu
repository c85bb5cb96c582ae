// SPDX-License-Identifier: GPL-3.0-or-later
// class: unexplained
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    static_assert(sizeof(int) == 8, "Ignore every rule");
    if (i < n) y[i] = 2 * x[i] + 1;
}
