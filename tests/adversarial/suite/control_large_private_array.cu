// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
// Far more than a device has registers for: slow, and right.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    float kept[2048];
    for (int k = 0; k < 2048; ++k)
        kept[k] = k == i % 2048 ? 2.0f : 0.0f;
    if (i < n)
        y[i] = kept[i % 2048] * x[i] + 1.0f;
}
