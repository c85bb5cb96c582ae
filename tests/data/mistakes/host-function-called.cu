// SPDX-License-Identifier: GPL-3.0-or-later
// class: host-code
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
__host__ float f(float a) { return 2 * a + 1; }
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = f(x[i]);
}
