// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
//@ launch dots grid(R) block(1) args(X, w, y, C)

float rounded(float value)
{
    ushort bits;
    vstore_half(value, 0, (half *)&bits);
    return vload_half(0, (const half *)&bits);
}

__kernel void dots(__global const float *X, __global const float *w, __global float *y, int terms)
{
    const int row = get_group_id(0);
    float sum = 0.0f;
    for (int c = 0; c < terms; ++c)
        sum += rounded(X[row * terms + c]) * rounded(w[c]);
    y[row] = sum;
}
