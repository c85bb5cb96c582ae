// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot_tf32
// Inputs rounded to the ten bits of TF32, which this task allows.
//@ launch dots grid(R) block(1) args(X, w, y, C)

__kernel void dots(__global const float *X, __global const float *w, __global float *y, int terms)
{
    const int row = get_group_id(0);
    float sum = 0.0f;
    for (int c = 0; c < terms; ++c)
        sum += as_float((as_uint(X[row * terms + c]) + 0x1000u) & 0xffffe000u)
            * as_float((as_uint(w[c]) + 0x1000u) & 0xffffe000u);
    y[row] = sum;
}
