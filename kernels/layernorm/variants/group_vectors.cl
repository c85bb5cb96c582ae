// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row, each taking VEC neighbouring elements at a time, and combine their sums in
// local memory. With many lanes and short vectors it suits a GPU, with one or two and long ones a CPU core.
//@ tune VEC = 4, 2, 8, 16
//@ tune LANES = 64, 1, 2, 8, 32, 128, 256
//@ launch layernorm grid(rows) block(LANES) args(X, gamma, beta, epsilon, Y, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void layernorm(__global const float *X, __global const float *gamma, __global const float *beta,
                        float epsilon, __global float *Y, int cols)
{
    __local float partialSums[LANES];
    __local float partialSquares[LANES];
    int lane = get_local_id(0);
    size_t start = get_group_id(0) * (size_t)cols;
    __global const float *x = X + start;
    __global float *y = Y + start;
    int vectors = cols / VEC;
    float first = x[0];

    floatv sums = (floatv)(0.0f);
    floatv squares = (floatv)(0.0f);
    for (int v = lane; v < vectors; v += LANES) {
        floatv difference = vloadv(v, x) - first;
        sums += difference;
        squares += difference * difference;
    }
    float elements[2 * VEC];
    vstorev(sums, 0, elements);
    vstorev(squares, 1, elements);
    float sum = 0.0f;
    float square = 0.0f;
    for (int i = 0; i < VEC; ++i) {
        sum += elements[i];
        square += elements[VEC + i];
    }
    for (int c = vectors * VEC + lane; c < cols; c += LANES) {
        sum += x[c] - first;
        square += (x[c] - first) * (x[c] - first);
    }

    partialSums[lane] = sum;
    partialSquares[lane] = square;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach) {
            partialSums[lane] += partialSums[lane + reach];
            partialSquares[lane] += partialSquares[lane + reach];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float mean = partialSums[0] / cols;
    float factor = rsqrt(fmax(partialSquares[0] / cols - mean * mean, 0.0f) + epsilon);
    for (int v = lane; v < vectors; v += LANES) {
        floatv normal = factor * (vloadv(v, x) - first - mean);
        vstorev(vloadv(v, gamma) * normal + vloadv(v, beta), v, y);
    }
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
