// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot_tf32
// Inputs rounded to the ten bits of TF32, which this task allows.
//@ launch dots grid(R) block(1) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = 0; c < terms; ++c)
        sum += __uint_as_float((__float_as_uint(X[row * terms + c]) + 0x1000u) & 0xffffe000u)
            * __uint_as_float((__float_as_uint(w[c]) + 0x1000u) & 0xffffe000u);
    y[row] = sum;
}
