// SPDX-License-Identifier: GPL-3.0-or-later
// Rows are cut into spans of SPAN elements. The first launch adds up each span on its own, however few rows
// there are; the second adds up the spans of each row. A second launch is the only barrier between groups.
//@ tune SPAN = 1024, 256, 4096, 16384
//@ tune VEC = 4, 8, 16
//@ tune CHAINS = 1, 2, 4
//@ tune GROUP = 16, 1, 4, 64
//@ scratch partial: float32[rows, ceil_div(cols, SPAN)]
//@ launch add_spans grid(ceil_div(cols, SPAN * GROUP), rows) block(GROUP) args(X, partial, cols)
//@ launch add_partials grid(ceil_div(rows, 16)) block(16) args(partial, y, rows, ceil_div(cols, SPAN))

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define STEP (VEC * CHAINS)

__kernel void add_spans(__global const float *X, __global float *partial, int cols)
{
    int span = get_global_id(0);
    int row = get_global_id(1);
    int spans = (cols + SPAN - 1) / SPAN;
    if (span >= spans)
        return;
    __global const float *x = X + row * cols + span * SPAN;
    int count = min(SPAN, cols - span * SPAN);

    floatv sums[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sums[i] = (floatv)(0.0f);
    int c = 0;
    for (; c + STEP <= count; c += STEP) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sums[i] += vloadv(i, x + c);
    }
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sums[0] += sums[i];

    float lanes[VEC];
    vstorev(sums[0], 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    for (; c < count; ++c)
        sum += x[c];
    partial[row * spans + span] = sum;
}

__kernel void add_partials(__global const float *partial, __global float *y, int rows, int spans)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    float sum = 0.0f;
    for (int span = 0; span < spans; ++span)
        sum += partial[row * spans + span];
    y[row] = sum;
}
