// SPDX-License-Identifier: GPL-3.0-or-later
// LANES work-items share a row, neighbours reading neighbouring elements, and combine their sums in local
// memory. A group holds ROWS rows. Rows shorter than LANES leave items idle.
//@ tune LANES = 8, 2, 4, 16, 32, 64
//@ tune ROWS = 8, 1, 4, 16, 32
//@ require LANES * ROWS <= 256
//@ launch spmv grid(ceil_div(rows, ROWS)) block(LANES, ROWS) args(offsets, columns, values, x, y, rows)

__kernel void spmv(__global const int *offsets, __global const int *columns, __global const float *values,
                   __global const float *x, __global float *y, int rows)
{
    __local float partial[ROWS][LANES];
    int lane = get_local_id(0);
    int slot = get_local_id(1);
    int row = get_group_id(0) * ROWS + slot;
    int end = row < rows ? offsets[row + 1] : 0;

    float sum = 0.0f;
    for (int k = row < rows ? offsets[row] + lane : 0; k < end; k += LANES)
        sum += values[k] * x[columns[k]];
    partial[slot][lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[slot][lane] += partial[slot][lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0 && row < rows)
        y[row] = partial[slot][0];
}
