// SPDX-License-Identifier: GPL-3.0-or-later
// One thread handles one row in three passes: mean, variance, result. All sums are of differences from the
// row's first element, because those are small whatever the row lies around.
//@ launch layernorm grid(ceil_div(rows, 64)) block(64) args(X, gamma, beta, epsilon, Y, rows, cols)

extern "C" __global__ void layernorm(const float *X, const float *gamma, const float *beta, float epsilon,
                                     float *Y, int rows, int cols)
{
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;
    float first = x[0];

    float mean = 0.0f;
    for (int c = 0; c < cols; ++c)
        mean += x[c] - first;
    mean /= cols;
    float variance = 0.0f;
    for (int c = 0; c < cols; ++c)
        variance += (x[c] - first - mean) * (x[c] - first - mean);
    float factor = rsqrtf(variance / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
