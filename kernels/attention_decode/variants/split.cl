// SPDX-License-Identifier: GPL-3.0-or-later
// Sequences are cut into spans of SPAN tokens and each is handled on its own, so that one long sequence keeps
// every core busy. A span leaves its largest score, its total weight and its sums; the second launch scales
// them to a common largest score and joins them.
//@ tune SPAN = 128, 32, 64, 256, 512
//@ tune VEC = 4, 8, 16
//@ tune GROUP = 4, 1, 2, 8
//@ require head_dim == 128 && page_size == 16
//@ scratch state: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), 2]
//@ scratch sums: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), head_dim]
//@ launch attend_spans grid(ceil_div(batch * heads, GROUP), ceil_div(max_pages * page_size, SPAN)) block(GROUP) args(Q, K, V, table, unused, scale, state, sums, heads, kv_heads, max_pages, batch)
//@ launch join_spans grid(batch * heads) block(32) args(state, sums, unused, O, heads, max_pages, ceil_div(max_pages * page_size, SPAN))

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define as_floatv JOIN(as_float, VEC)
#define convert_uintv JOIN(convert_uint, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define HEAD_DIM 128
#define PAGE 16
#define PARTS (HEAD_DIM / VEC)

floatv widened(__global const ushort *from, int part)
{
    return as_floatv(convert_uintv(vloadv(part, from)) << 16);
}

float sumOfLanes(floatv values)
{
    float lanes[VEC];
    vstorev(values, 0, lanes);
    float sum = 0.0f;
#pragma unroll
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    return sum;
}

// Where the key or value of a token begins in its cache.
int rowOf(__global const int *table, int token, int kvHeads, int kvHead)
{
    return ((table[token / PAGE] * PAGE + token % PAGE) * kvHeads + kvHead) * HEAD_DIM;
}

__kernel void attend_spans(__global const float *Q, __global const ushort *K, __global const ushort *V,
                           __global const int *table, __global const int *unused, float scale,
                           __global float *state, __global float *sums, int heads, int kvHeads, int maxPages,
                           int batch)
{
    int head = get_global_id(0);
    int span = get_group_id(1);
    if (head >= batch * heads)
        return;
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    int end = min((span + 1) * SPAN, tokens);
    // Spans behind the end of the sequence are not looked at by the second launch.
    if (span * SPAN >= end)
        return;
    table += b * maxPages;

    floatv query[PARTS];
    floatv sum[PARTS];
#pragma unroll
    for (int p = 0; p < PARTS; ++p) {
        query[p] = scale * vloadv(p, Q + head * HEAD_DIM);
        sum[p] = (floatv)(0.0f);
    }
    float largest = -INFINITY;
    float total = 0.0f;
    for (int token = span * SPAN; token < end; ++token) {
        int row = rowOf(table, token, kvHeads, kvHead);
        floatv products = (floatv)(0.0f);
#pragma unroll
        for (int p = 0; p < PARTS; ++p)
            products += query[p] * widened(K + row, p);
        float score = sumOfLanes(products);
        if (score > largest) {
            float shrink = exp(largest - score);
            total *= shrink;
#pragma unroll
            for (int p = 0; p < PARTS; ++p)
                sum[p] *= shrink;
            largest = score;
        }
        float weight = exp(score - largest);
        total += weight;
#pragma unroll
        for (int p = 0; p < PARTS; ++p)
            sum[p] += weight * widened(V + row, p);
    }
    int place = head * get_num_groups(1) + span;
    state[2 * place] = largest;
    state[2 * place + 1] = total;
#pragma unroll
    for (int p = 0; p < PARTS; ++p)
        vstorev(sum[p], p, sums + place * HEAD_DIM);
}

__kernel void join_spans(__global const float *state, __global const float *sums, __global const int *unused,
                         __global float *O, int heads, int maxPages, int spans)
{
    int head = get_group_id(0);
    int used = (maxPages * PAGE - unused[head / heads] + SPAN - 1) / SPAN;
    state += head * spans * 2;
    sums += head * spans * HEAD_DIM;

    float largest = state[0];
    for (int span = 1; span < used; ++span)
        largest = fmax(largest, state[2 * span]);
    float total = 0.0f;
    for (int span = 0; span < used; ++span)
        total += state[2 * span + 1] * exp(state[2 * span] - largest);
    for (int d = get_local_id(0); d < HEAD_DIM; d += 32) {
        float sum = 0.0f;
        for (int span = 0; span < used; ++span)
            sum += sums[span * HEAD_DIM + d] * exp(state[2 * span] - largest);
        O[head * HEAD_DIM + d] = sum / total;
    }
}
