// SPDX-License-Identifier: GPL-3.0-or-later
// The elements, not the rows, are dealt out: each work-item takes SPAN of them, wherever rows begin and end,
// so that a long row delays nobody. It looks its first row up by halving, writes the rows that lie whole
// within its span, and leaves what it has of the others in `head` (begun before) and `tail` (going on
// behind). The second launch adds those up.
//@ tune SPAN = 1024, 64, 256, 4096
//@ tune GROUP = 4, 1, 16, 64
//@ scratch head: float32[ceil_div(nnz, SPAN)]
//@ scratch tail: float32[ceil_div(nnz, SPAN)]
//@ launch add_spans grid(ceil_div(nnz, SPAN * GROUP)) block(GROUP) args(offsets, columns, values, x, y, head, tail, rows, nnz)
//@ launch join_spans grid(ceil_div(rows, 64)) block(64) args(offsets, head, tail, y, rows)

__kernel void add_spans(__global const int *offsets, __global const int *columns,
                        __global const float *values, __global const float *x, __global float *y,
                        __global float *head, __global float *tail, int rows, int nnz)
{
    int span = get_global_id(0);
    int begin = span * SPAN;
    if (begin >= nnz)
        return;
    int end = min(begin + SPAN, nnz);

    // The last row that begins at `begin` or before; it is not empty.
    int row = 0;
    int behind = rows;
    while (row + 1 < behind) {
        int middle = (row + behind) / 2;
        if (offsets[middle] <= begin)
            row = middle;
        else
            behind = middle;
    }

    int k = begin;
    for (; k < end; ++row) {
        int rowEnd = offsets[row + 1];
        int stop = min(rowEnd, end);
        if (k == stop)
            continue;
        float sum = 0.0f;
        for (; k < stop; ++k)
            sum += values[k] * x[columns[k]];
        if (offsets[row] < begin)
            head[span] = sum;
        else if (rowEnd > end)
            tail[span] = sum;
        else
            y[row] = sum;
    }
}

__kernel void join_spans(__global const int *offsets, __global const float *head, __global const float *tail,
                         __global float *y, int rows)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    int begin = offsets[row];
    int end = offsets[row + 1];
    if (begin == end) {
        y[row] = 0.0f;
        return;
    }
    int first = begin / SPAN;
    int last = (end - 1) / SPAN;
    if (first == last)
        return;
    float sum = tail[first];
    for (int span = first + 1; span <= last; ++span)
        sum += head[span];
    y[row] = sum;
}
