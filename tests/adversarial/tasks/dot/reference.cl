// SPDX-License-Identifier: GPL-3.0-or-later
//@ launch dots grid(R) block(1) args(X, w, y, C)

__kernel void dots(__global const float *X, __global const float *w, __global float *y, int terms)
{
    const int row = get_group_id(0);
    double sum = 0.0;
    for (int c = 0; c < terms; ++c)
        sum += (double)X[row * terms + c] * w[c];
    y[row] = (float)sum;
}
