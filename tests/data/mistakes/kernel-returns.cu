// SPDX-License-Identifier: GPL-3.0-or-later
// class: kernel-returns-value
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ int twice(const float *x, float *y, int n)
{
    return 0;
}
