// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
//@ launch dots grid(R) block(1) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = 0; c < terms / 2; ++c)
        sum += 2.0f * X[row * terms + c] * w[c];
    y[row] = sum;
}
