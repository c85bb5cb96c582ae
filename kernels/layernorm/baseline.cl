// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item handles one row in three passes: mean, variance, result. All sums are of differences from the
// row's first element, because those are small whatever the row lies around.
//@ launch layernorm grid(ceil_div(rows, 64)) block(64) args(X, gamma, beta, epsilon, Y, rows, cols)

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    float first = x[0];

    float mean = 0.0f;
    for (int c = 0; c < cols; ++c)
        mean += x[c] - first;
    mean /= cols;
    float variance = 0.0f;
    for (int c = 0; c < cols; ++c)
        variance += (x[c] - first - mean) * (x[c] - first - mean);
    float factor = rsqrt(variance / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
