// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row, neighbours reading neighbouring elements, and combine their partial maxima
// and sums in local memory, halving the number of partners each time. A group holds ROWS rows.
//@ tune LANES = 64, 4, 16, 128, 256
//@ tune ROWS = 1, 2, 4, 8
//@ tune FAST_EXP = 0, 1
//@ require LANES * ROWS <= 256
//@ launch softmax grid(ceil_div(rows, ROWS)) block(LANES, ROWS) args(X, scale, Y, rows, cols)

#if FAST_EXP
#define exponential native_exp
#else
#define exponential exp
#endif

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    __local float partial[ROWS][LANES];
    int lane = get_local_id(0);
    int slot = get_local_id(1);
    int row = get_group_id(0) * ROWS + slot;
    // A slot below the matrix works on the last row, as all must reach the barriers; it stores nothing.
    bool stores = row < rows;
    __global const float *x = X + min(row, rows - 1) * cols;
    __global float *y = Y + min(row, rows - 1) * cols;

    float largest = scale * x[0];
    for (int c = lane; c < cols; c += LANES)
        largest = fmax(largest, scale * x[c]);
    partial[slot][lane] = largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[slot][lane] = fmax(partial[slot][lane], partial[slot][lane + reach]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    largest = partial[slot][0];
    barrier(CLK_LOCAL_MEM_FENCE);

    float sum = 0.0f;
    for (int c = lane; c < cols; c += LANES)
        sum += exponential(scale * x[c] - largest);
    partial[slot][lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[slot][lane] += partial[slot][lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float factor = 1.0f / partial[slot][0];
    for (int c = lane; stores && c < cols; c += LANES)
        y[c] = factor * exponential(scale * x[c] - largest);
}
