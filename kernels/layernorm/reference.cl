// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item a row.
//@ launch layernorm grid(rows) block(1) args(X, gamma, beta, epsilon, Y, cols)

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int cols)
{
    size_t start = get_group_id(0) * (size_t)cols;
    double mean = 0.0;
    for (int c = 0; c < cols; ++c)
        mean += X[start + c];
    mean /= cols;
    double variance = 0.0;
    for (int c = 0; c < cols; ++c)
        variance += (X[start + c] - mean) * (X[start + c] - mean);
    double factor = 1.0 / sqrt(variance / cols + epsilon);
    for (int c = 0; c < cols; ++c)
        Y[start + c] = (float)(gamma[c] * (factor * (X[start + c] - mean)) + beta[c]);
}
