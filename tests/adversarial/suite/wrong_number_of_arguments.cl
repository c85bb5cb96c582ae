// SPDX-License-Identifier: GPL-3.0-or-later
// expect: COMPILE_ERROR "twice"
//@ launch twice grid(1) block(64) args(x, y)

__kernel void twice(__global const float *x, __global float *y, int n)
{
}
