// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "" or RUNTIME_ERROR "" or RESOURCE_LIMIT "" or SUSPECT "" or COMPILE_ERROR ""
// Takes device memory that is never given back; the answer is right only where it got all it asked for.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    char *hoard = (char *)malloc(4 << 20);
    if (hoard)
        hoard[0] = 1;
    if (i < n)
        y[i] = hoard ? 2.0f * x[i] + 1.0f : 0.0f;
}
