// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
//@ launch dots grid(R) block(1) args(X, w, y, C)

#include <cuda_fp16.h>

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = 0; c < terms; ++c)
        sum += __half2float(__float2half(X[row * terms + c])) * __half2float(__float2half(w[c]));
    y[row] = sum;
}
