// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "block"
//@ launch twice grid(1) block(1048576) args(x, y, N)

__kernel void twice(__global const float *x, __global float *y, int n)
{
}
