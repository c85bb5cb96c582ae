// SPDX-License-Identifier: GPL-3.0-or-later
//@ launch dots grid(R) block(1) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = 0; c < terms; ++c)
        sum += X[row * terms + c] * w[c];
    y[row] = sum;
}
