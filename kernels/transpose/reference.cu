// SPDX-License-Identifier: GPL-3.0-or-later
// The definition, one thread an element of Y.
//@ launch transpose grid(ceil_div(rows * cols, 256)) block(256) args(X, Y, rows, cols)

extern "C" __global__ void transpose(const float *X, float *Y, int rows, int cols)
{
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element < rows * cols)
        Y[element] = X[element % rows * cols + element / rows];
}
