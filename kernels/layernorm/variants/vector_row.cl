// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row with explicit vectors: sums of differences and of their squares in the lanes of CHAINS
// vectors, one pass to read, one to write.
//@ tune VEC = 4, 8, 16
//@ tune CHAINS = 1, 2, 4
//@ tune GROUP = 64, 1, 4, 16
//@ launch layernorm grid(ceil_div(rows, GROUP)) block(GROUP) args(X, gamma, beta, epsilon, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define STEP (VEC * CHAINS)

float sumOfLanes(floatv values)
{
    float lanes[VEC];
    vstorev(values, 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    return sum;
}

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    float first = x[0];

    floatv sums[CHAINS];
    floatv squares[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = squares[i] = (floatv)(0.0f);
    int c = 0;
    for (; c + STEP <= cols; c += STEP) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i) {
            floatv difference = vloadv(i, x + c) - first;
            sums[i] += difference;
            squares[i] += difference * difference;
        }
    }
#pragma unroll
    for (int i = 1; i < CHAINS; ++i) {
        sums[0] += sums[i];
        squares[0] += squares[i];
    }
    float sum = sumOfLanes(sums[0]);
    float square = sumOfLanes(squares[0]);
    for (; c < cols; ++c) {
        sum += x[c] - first;
        square += (x[c] - first) * (x[c] - first);
    }

    float mean = sum / cols;
    float factor = rsqrt(fmax(square / cols - mean * mean, 0.0f) + epsilon);
    c = 0;
    for (; c + VEC <= cols; c += VEC) {
        floatv normal = factor * (vloadv(0, x + c) - first - mean);
        vstorev(vloadv(0, gamma + c) * normal + vloadv(0, beta + c), 0, y + c);
    }
    for (; c < cols; ++c)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
