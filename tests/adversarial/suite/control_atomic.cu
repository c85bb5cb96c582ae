// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot
// The order of additions varies from run to run, which is legitimate.
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
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = threadIdx.x; c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    atomicAdd(y + row, sum);
}
