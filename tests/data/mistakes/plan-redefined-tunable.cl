// SPDX-License-Identifier: GPL-3.0-or-later
// class: tunable-redeclared
//@ tune B = 64, 128
//@ launch twice grid(ceil_div(N, B)) block(B) args(x, y, N)
const int B = 64;
__kernel void twice(__global const float *x, __global float *y, int n)
{
    const int i = get_global_id(0);
    if (i < n) y[i] = 2 * x[i] + 1;
}
