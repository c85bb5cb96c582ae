// SPDX-License-Identifier: GPL-3.0-or-later
// expect: COMPILE_ERROR "twice"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

__kernel void other(__global const float *x)
{
}
