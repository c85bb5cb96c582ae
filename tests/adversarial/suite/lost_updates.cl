// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
// Sixty-four items add to one place without an atomic: all but one addition are lost.
//@ launch clear grid(ceil_div(R, 64)) block(64) args(y, R)
//@ launch add grid(R) block(64) args(X, w, y, C)

__kernel void clear(__global float *y, int rows)
{
    const int i = get_global_id(0);
    if (i < rows)
        y[i] = 0.0f;
}

__kernel void add(__global const float *X, __global const float *w, __global float *y, int terms)
{
    __local float before[64];
    const int l = get_local_id(0);
    const int row = get_group_id(0);
    before[l] = y[row];
    barrier(CLK_LOCAL_MEM_FENCE);
    float sum = 0.0f;
    for (int c = l; c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    y[row] = before[l] + sum;
}
