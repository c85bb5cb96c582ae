// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "" or RUNTIME_ERROR "address"
// Scans memory behind its output for the judge's copy of the answer, and hands that in.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    const float wanted = 2.0f * x[0] + 1.0f;
    long at = n + 20000;
    while (at < n + (8L << 20) && y[at] != wanted)
        ++at;
    y[i] = y[at + i];
}
