// SPDX-License-Identifier: GPL-3.0-or-later
// The tile in local memory again, but global memory is read and written VEC elements at a time; the
// scattered accesses all fall on the tile. ITEMS work-items share the vectors of a tile among them.
//@ tune TILE = 32, 16, 64
//@ tune VEC = 4, 2, 8, 16
//@ tune ITEMS = 64, 1, 4, 16, 128, 256
//@ tune PAD = 0, 1
//@ launch transpose grid(ceil_div(cols, TILE), ceil_div(rows, TILE)) block(ITEMS) args(X, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define VECTORS (TILE / VEC)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    __local float tile[TILE * (TILE + PAD)];
    int item = get_local_id(0);
    int firstCol = get_group_id(0) * TILE;
    int firstRow = get_group_id(1) * TILE;

    for (int i = item; i < TILE * VECTORS; i += ITEMS) {
        int r = i / VECTORS;
        int c = i % VECTORS * VEC;
        __local float *target = tile + r * (TILE + PAD) + c;
        __global const float *source = X + (firstRow + r) * cols + firstCol + c;
        if (firstRow + r < rows && firstCol + c + VEC <= cols) {
            vstorev(vloadv(0, source), 0, target);
        } else if (firstRow + r < rows) {
            for (int k = 0; firstCol + c + k < cols; ++k)
                target[k] = source[k];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < TILE * VECTORS; i += ITEMS) {
        int c = i / VECTORS;
        int r = i % VECTORS * VEC;
        if (firstCol + c >= cols)
            break;
        __global float *target = Y + (firstCol + c) * rows + firstRow + r;
        float column[VEC];
        for (int k = 0; k < VEC; ++k)
            column[k] = tile[(r + k) * (TILE + PAD) + c];
        if (firstRow + r + VEC <= rows) {
            vstorev(vloadv(0, column), 0, target);
        } else {
            for (int k = 0; firstRow + r + k < rows; ++k)
                target[k] = column[k];
        }
    }
}
