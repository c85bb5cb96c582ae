// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item moves a block of ROWS x COLS elements. A cache line that has been fetched is used up while
// it is still there: by the rows of the block on the side of X, by its columns on the side of Y.
//@ tune ROWS = 4, 8, 16, 32
//@ tune COLS = 4, 1, 8, 16, 32
//@ tune GROUP_COLS = 4, 1, 16
//@ tune GROUP_ROWS = 4, 1, 16
//@ launch transpose grid(ceil_div(cols, COLS * GROUP_COLS), ceil_div(rows, ROWS * GROUP_ROWS)) block(GROUP_COLS, GROUP_ROWS) args(X, Y, rows, cols)

__kernel void transpose(__global const float *X, __global float *Y, int rows, int cols)
{
    int firstCol = get_global_id(0) * COLS;
    int firstRow = get_global_id(1) * ROWS;
    if (firstCol + COLS <= cols && firstRow + ROWS <= rows) {
        // Fixed counts, so that the compiler may unroll.
        for (int c = 0; c < COLS; ++c) {
            for (int r = 0; r < ROWS; ++r)
                Y[(firstCol + c) * rows + firstRow + r] = X[(firstRow + r) * cols + firstCol + c];
        }
        return;
    }
    for (int col = firstCol; col < min(firstCol + COLS, cols); ++col) {
        for (int row = firstRow; row < min(firstRow + ROWS, rows); ++row)
            Y[col * rows + row] = X[row * cols + col];
    }
}
