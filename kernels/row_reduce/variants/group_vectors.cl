// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row as in group_per_row, and each takes VEC neighbouring elements at a time into
// one of CHAINS vectors. With many lanes it suits a GPU, with one or two and long vectors a CPU core.
//@ tune VEC = 4, 2, 8, 16
//@ tune CHAINS = 1, 2, 4, 8
//@ tune LANES = 64, 1, 2, 8, 32, 128, 256
//@ launch row_reduce grid(rows) block(LANES) args(X, y, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void row_reduce(__global const float *X, __global float *y, int cols)
{
    __local float partial[LANES];
    int lane = get_local_id(0);
    int row = get_group_id(0);
    __global const float *x = X + row * cols;
    int vectors = cols / VEC;

    floatv sums[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = (floatv)(0.0f);
    int v = lane;
    for (; v + (CHAINS - 1) * LANES < vectors; v += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sums[i] += vloadv(v + i * LANES, x);
    }
    for (; v < vectors; v += LANES)
        sums[0] += vloadv(v, x);
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sums[0] += sums[i];

    float elements[VEC];
    vstorev(sums[0], 0, elements);
    float sum = 0.0f;
    for (int i = 0; i < VEC; ++i)
        sum += elements[i];
    for (int c = vectors * VEC + lane; c < cols; c += LANES)
        sum += x[c];

    partial[lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0)
        y[row] = partial[0];
}
