// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item turns VEC x VEC blocks in registers: VEC vector loads, log2(VEC) rounds of interleaving
// vectors, VEC vector stores. BLOCKS blocks lie below each other, so that its stores continue on the
// same rows of Y.
//@ tune VEC = 4, 2, 8, 16
//@ tune BLOCKS = 1, 2, 4, 8
//@ tune GROUP_COLS = 4, 1, 2, 8
//@ tune GROUP_ROWS = 4, 1, 2, 8
//@ launch transpose grid(ceil_div(cols, VEC * GROUP_COLS), ceil_div(rows, VEC * BLOCKS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(X, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    int col = get_global_id(0) * VEC;
    int firstRow = get_global_id(1) * VEC * BLOCKS;
    int endRow = min(firstRow + VEC * BLOCKS, rows);
    int row = firstRow;

    for (; col + VEC <= cols && row + VEC <= endRow; row += VEC) {
        floatv lines[VEC];
#pragma unroll
        for (int i = 0; i < VEC; ++i)
            lines[i] = vloadv(0, X + (row + i) * cols + col);
        // Interleaving line i with line i + VEC / 2 moves one bit of the row number into the column
        // number; after log2(VEC) rounds all bits have changed places.
#pragma unroll
        for (int round = 1; round < VEC; round *= 2) {
            floatv mixed[VEC];
#pragma unroll
            for (int i = 0; i < VEC / 2; ++i) {
                mixed[2 * i].even = lines[i].lo;
                mixed[2 * i].odd = lines[i + VEC / 2].lo;
                mixed[2 * i + 1].even = lines[i].hi;
                mixed[2 * i + 1].odd = lines[i + VEC / 2].hi;
            }
#pragma unroll
            for (int i = 0; i < VEC; ++i)
                lines[i] = mixed[i];
        }
#pragma unroll
        for (int i = 0; i < VEC; ++i)
            vstorev(lines[i], 0, Y + (col + i) * rows + row);
    }

    // What fills no block, at the right and lower edge.
    for (; row < endRow; ++row) {
        for (int c = col; c < min(col + VEC, cols); ++c)
            Y[c * rows + row] = X[row * cols + c];
    }
}
