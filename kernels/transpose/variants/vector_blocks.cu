// SPDX-License-Identifier: GPL-3.0-or-later
// A thread turns a block of 4 x 4 in registers: four 16-byte loads, sixteen moves that cost nothing, four
// 16-byte stores. WIDTH threads stand side by side along a row of X. Where rows are not aligned it falls back
// to single elements.
//@ tune WIDTH = 8, 4, 16, 32
//@ tune HEIGHT = 8, 4, 16, 32
//@ require WIDTH * HEIGHT >= 32
//@ launch transpose grid(ceil_div(cols, 4 * WIDTH), ceil_div(rows, 4 * HEIGHT)) block(WIDTH, HEIGHT) args(X, Y, rows, cols)

extern "C" __global__ void __launch_bounds__(WIDTH *HEIGHT)
    transpose(const float *__restrict__ X, float *__restrict__ Y, int rows, int cols)
{
    int col = (blockIdx.x * WIDTH + threadIdx.x) * 4;
    int row = (blockIdx.y * HEIGHT + threadIdx.y) * 4;
    if (row >= rows || col >= cols)
        return;
    if (rows % 4 == 0 && cols % 4 == 0) {
        const float *from = X + (size_t)row * cols + col;
        float *to = Y + (size_t)col * rows + row;
        float4 a = *(const float4 *)from;
        float4 b = *(const float4 *)(from + cols);
        float4 c = *(const float4 *)(from + 2 * (size_t)cols);
        float4 d = *(const float4 *)(from + 3 * (size_t)cols);
        *(float4 *)to = make_float4(a.x, b.x, c.x, d.x);
        *(float4 *)(to + rows) = make_float4(a.y, b.y, c.y, d.y);
        *(float4 *)(to + 2 * (size_t)rows) = make_float4(a.z, b.z, c.z, d.z);
        *(float4 *)(to + 3 * (size_t)rows) = make_float4(a.w, b.w, c.w, d.w);
    } else {
        for (int r = row; r < min(row + 4, rows); ++r) {
            for (int c = col; c < min(col + 4, cols); ++c)
                Y[(size_t)c * rows + r] = X[(size_t)r * cols + c];
        }
    }
}
