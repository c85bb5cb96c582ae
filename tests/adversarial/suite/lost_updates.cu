// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
// Sixty-four items add to one place without an atomic: all but one addition are lost.
//@ launch clear grid(ceil_div(R, 64)) block(64) args(y, R)
//@ launch add grid(R) block(64) args(X, w, y, C)

extern "C" __global__ void clear(float *y, int rows)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < rows)
        y[i] = 0.0f;
}

extern "C" __global__ void add(const float *X, const float *w, float *y, int terms)
{
    __shared__ float before[64];
    const int l = threadIdx.x;
    const int row = blockIdx.x;
    before[l] = y[row];
    __syncthreads();
    float sum = 0.0f;
    for (int c = l; c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    y[row] = before[l] + sum;
}
