// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "zero"
//@ launch twice grid(N / (N - N)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
}
