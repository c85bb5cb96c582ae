// SPDX-License-Identifier: GPL-3.0-or-later
// A group of LANES work-items reads a row once and keeps it in registers, PER_ITEM elements an item. Mean and
// variance can then be taken in two passes at no cost in memory traffic. The price is an upper bound on the
// length of a row, which the plan states.
//@ tune LANES = 128, 64, 256
//@ tune PER_ITEM = 32, 16, 24, 64
//@ require cols <= LANES * PER_ITEM
//@ launch layernorm grid(rows) block(LANES) args(X, gamma, beta, epsilon, Y, cols)

float sumOverGroup(float mine, int lane, __local float *partial)
{
    partial[lane] = mine;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    float sum = partial[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return sum;
}

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int cols)
{
    __local float partial[LANES];
    int lane = get_local_id(0);
    size_t start = get_group_id(0) * (size_t)cols;
    float first = X[start];

    float values[PER_ITEM];
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        values[i] = c < cols ? X[start + c] - first : 0.0f;
        sum += values[i];
    }
    float mean = sumOverGroup(sum, lane, partial) / cols;
    float square = 0.0f;
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        values[i] -= mean;
        square += i * LANES + lane < cols ? values[i] * values[i] : 0.0f;
    }
    float factor = rsqrt(sumOverGroup(square, lane, partial) / cols + epsilon);
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        if (c < cols)
            Y[start + c] = gamma[c] * (factor * values[i]) + beta[c];
    }
}
