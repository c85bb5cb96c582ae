// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row, neighbours reading neighbouring elements, and combine their partial sums
// in local memory, halving the number of partners each time. A group holds ROWS rows.
//@ tune LANES = 64, 4, 16, 128, 256
//@ tune ROWS = 1, 2, 4, 8
//@ tune CHAINS = 1, 2, 4
//@ require LANES * ROWS <= 256
//@ launch row_reduce grid(ceil_div(rows, ROWS)) block(LANES, ROWS) args(X, y, rows, cols)

__kernel void row_reduce(__global const float *X, __global float *y, int rows, int cols)
{
    __local float partial[ROWS][LANES];
    int lane = get_local_id(0);
    int slot = get_local_id(1);
    int row = get_group_id(0) * ROWS + slot;
    // A slot below the matrix adds up the last row, as all must reach the barriers; it stores nothing.
    __global const float *x = X + min(row, rows - 1) * cols;

    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sum[i] = 0.0f;
    int c = lane;
    for (; c + (CHAINS - 1) * LANES < cols; c += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * LANES];
    }
    for (; c < cols; c += LANES)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

    partial[slot][lane] = sum[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[slot][lane] += partial[slot][lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0 && row < rows)
        y[row] = partial[slot][0];
}
