// SPDX-License-Identifier: GPL-3.0-or-later
// A work-group reads a square tile of X row by row into local memory and writes it to Y row by row:
// neighbouring items touch neighbouring addresses both times. PAD shifts each line of the tile by one
// element, so that a column of it lies in different banks of local memory. HEIGHT items share a column.
//@ tune TILE = 16, 8, 32, 64
//@ tune HEIGHT = 16, 1, 2, 4, 8
//@ tune PAD = 0, 1
//@ require TILE % HEIGHT == 0 && TILE * HEIGHT <= 256
//@ launch transpose grid(ceil_div(cols, TILE), ceil_div(rows, TILE)) block(TILE, HEIGHT) args(X, Y, rows, cols)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    __local float tile[TILE][TILE + PAD];
    int x = get_local_id(0);
    int y = get_local_id(1);
    int firstCol = get_group_id(0) * TILE;
    int firstRow = get_group_id(1) * TILE;

    for (int i = y; i < TILE; i += HEIGHT) {
        if (firstRow + i < rows && firstCol + x < cols)
            tile[i][x] = X[(firstRow + i) * cols + firstCol + x];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = y; i < TILE; i += HEIGHT) {
        if (firstCol + i < cols && firstRow + x < rows)
            Y[(firstCol + i) * rows + firstRow + x] = tile[x][i];
    }
}
