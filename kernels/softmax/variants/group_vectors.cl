// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row as in group_per_row, and each takes VEC neighbouring elements at a time.
// With many lanes it suits a GPU, with one or two lanes and long vectors a CPU core.
//@ tune VEC = 4, 2, 8, 16
//@ tune LANES = 32, 1, 2, 4, 8, 64, 128
//@ tune FAST_EXP = 0, 1
//@ launch softmax grid(rows) block(LANES) args(X, scale, Y, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#if FAST_EXP
#define exponential native_exp
#else
#define exponential exp
#endif

__kernel void softmax(__global const float *X, float scale, __global float *Y, int cols)
{
    __local float partial[LANES];
    int lane = get_local_id(0);
    int row = get_group_id(0);
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    int vectors = cols / VEC;
    float elements[VEC];

    floatv largests = (floatv)(scale * x[0]);
    for (int v = lane; v < vectors; v += LANES)
        largests = fmax(largests, scale * vloadv(v, x));
    vstorev(largests, 0, elements);
    float largest = elements[0];
    for (int i = 1; i < VEC; ++i)
        largest = fmax(largest, elements[i]);
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        largest = fmax(largest, scale * x[c]);
    partial[lane] = largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] = fmax(partial[lane], partial[lane + reach]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    largest = partial[0];
    barrier(CLK_LOCAL_MEM_FENCE);

    floatv sums = (floatv)(0.0f);
    for (int v = lane; v < vectors; v += LANES)
        sums += exponential(scale * vloadv(v, x) - largest);
    vstorev(sums, 0, elements);
    float sum = 0.0f;
    for (int i = 0; i < VEC; ++i)
        sum += elements[i];
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        sum += exponential(scale * x[c] - largest);
    partial[lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float factor = 1.0f / partial[0];
    for (int v = lane; v < vectors; v += LANES)
        vstorev(factor * exponential(scale * vloadv(v, x) - largest), v, y);
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        y[c] = factor * exponential(scale * x[c] - largest);
}
