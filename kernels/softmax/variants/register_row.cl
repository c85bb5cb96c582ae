// SPDX-License-Identifier: GPL-3.0-or-later
// A group of LANES work-items reads a row once and keeps it in registers, PER_ITEM elements an item, from
// the first pass to the last: global memory is touched twice, once to read and once to write. The price is
// an upper bound on the length of a row, which the plan states.
//@ tune LANES = 128, 64, 256
//@ tune PER_ITEM = 32, 16, 24, 48
//@ tune FAST_EXP = 0, 1
//@ require cols <= LANES * PER_ITEM
//@ launch softmax grid(rows) block(LANES) args(X, scale, Y, cols)

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

    float t[PER_ITEM];
    float largest = scale * x[0];
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        t[i] = c < cols ? scale * x[c] : largest;
        largest = fmax(largest, t[i]);
    }
    partial[lane] = largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] = fmax(partial[lane], partial[lane + reach]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    largest = partial[0];
    barrier(CLK_LOCAL_MEM_FENCE);

    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        t[i] = exponential(t[i] - largest);
        sum += i * LANES + lane < cols ? t[i] : 0.0f;
    }
    partial[lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float factor = 1.0f / partial[0];
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) {
        int c = i * LANES + lane;
        if (c < cols)
            y[c] = factor * t[i];
    }
}
