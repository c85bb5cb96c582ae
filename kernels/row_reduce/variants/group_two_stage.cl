// SPDX-License-Identifier: GPL-3.0-or-later
// As two_stage, but a group of LANES work-items shares each span, neighbours reading neighbouring elements,
// and adds up in local memory. Both the width of a GPU and few long rows are served.
//@ tune SPAN = 8192, 1024, 2048, 4096, 16384
//@ tune LANES = 64, 4, 16, 128, 256
//@ tune CHAINS = 1, 2, 4, 8
//@ scratch partial: float32[rows, ceil_div(cols, SPAN)]
//@ launch add_spans grid(ceil_div(cols, SPAN), rows) block(LANES) args(X, partial, cols)
//@ launch add_partials grid(ceil_div(rows, 16)) block(16) args(partial, y, rows, ceil_div(cols, SPAN))

__kernel void add_spans(__global const float *X, __global float *partial, int cols)
{
    __local float shares[LANES];
    int lane = get_local_id(0);
    int span = get_group_id(0);
    int row = get_group_id(1);
    __global const float *x = X + row * cols;
    int end = min((span + 1) * SPAN, cols);

    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sum[i] = 0.0f;
    int c = span * SPAN + lane;
    for (; c + (CHAINS - 1) * LANES < end; c += CHAINS * LANES) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += x[c + i * LANES];
    }
    for (; c < end; c += LANES)
        sum[0] += x[c];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];

    shares[lane] = sum[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            shares[lane] += shares[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0)
        partial[row * get_num_groups(0) + span] = shares[0];
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
