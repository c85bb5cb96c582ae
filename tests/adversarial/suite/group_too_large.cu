// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "block"
//@ launch twice grid(1) block(1048576) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
}
