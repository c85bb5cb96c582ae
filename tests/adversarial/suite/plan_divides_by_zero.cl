// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "zero"
//@ launch twice grid(N / (N - N)) block(64) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
}
