// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item moves STRIP elements that are neighbours in Y: it writes straight on and reads with a
// stride. The group's shape decides whose elements come next: its items stand side by side in X.
//@ tune STRIP = 4, 1, 8, 16, 32
//@ tune GROUP_COLS = 16, 1, 4, 64
//@ tune GROUP_STRIPS = 4, 1, 16
//@ require GROUP_COLS * GROUP_STRIPS <= 256
//@ launch transpose grid(ceil_div(cols, GROUP_COLS), ceil_div(rows, STRIP * GROUP_STRIPS)) block(GROUP_COLS, GROUP_STRIPS) args(X, Y, rows, cols)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    int col = get_global_id(0);
    int first = get_global_id(1) * STRIP;
    if (col >= cols)
        return;
    int end = min(first + STRIP, rows);
    for (int row = first; row < end; ++row)
        Y[col * rows + row] = X[row * cols + col];
}
