// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread a row.
//@ launch layernorm grid(ceil_div(rows, 64)) block(64) args(X, gamma, beta, epsilon, Y, rows, cols)

extern "C" __global__ void layernorm(const float *X, const float *gamma, const float *beta, float epsilon,
                                     float *Y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;
    double mean = 0.0;
    for (int c = 0; c < cols; ++c)
        mean += x[c];
    mean /= cols;
    double variance = 0.0;
    for (int c = 0; c < cols; ++c)
        variance += (x[c] - mean) * (x[c] - mean);
    double factor = 1.0 / sqrt(variance / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = (float)(gamma[c] * (factor * (x[c] - mean)) + beta[c]);
}
