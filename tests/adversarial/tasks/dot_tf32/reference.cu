// SPDX-License-Identifier: GPL-3.0-or-later
//@ launch dots grid(R) block(1) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    const int row = blockIdx.x;
    double sum = 0.0;
    for (int c = 0; c < terms; ++c)
        sum += (double)X[row * terms + c] * w[c];
    y[row] = (float)sum;
}
