// SPDX-License-Identifier: GPL-3.0-or-later
// class: launch-bounds
//@ launch twice grid(ceil_div(N, 256)) block(256) args(x, y, N)
extern "C" __global__ void __launch_bounds__(64) twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = 2 * x[i] + 1;
}
