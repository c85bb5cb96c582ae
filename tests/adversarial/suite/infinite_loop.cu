// SPDX-License-Identifier: GPL-3.0-or-later
// expect: TIMEOUT "workload"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const volatile float *watched = x;
    while (watched[0] * 0.0f == 0.0f) {
    }
    y[i] = 1.0f;
}
