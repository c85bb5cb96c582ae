// SPDX-License-Identifier: GPL-3.0-or-later
// expect: COMPILE_ERROR "twice"
//@ launch twice grid(1) block(64) args(x, y)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
}
