// SPDX-License-Identifier: GPL-3.0-or-later
// expect: COMPILE_ERROR "twice"
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void other(const float *x)
{
}
