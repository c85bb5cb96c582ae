// SPDX-License-Identifier: GPL-3.0-or-later
// A group of 64 work-items shares a query head. For a portion of PORTION tokens each item first computes
// scores of whole tokens, then every item turns to two places of the head and adds up all weighted values
// there: neighbours on neighbouring addresses, and no sums to combine at the end.
//@ tune PORTION = 64, 128, 256
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(batch * heads) block(64) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages)

#define HEAD_DIM 128
#define PAGE 16

#define LANES 64

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

// Where the key or value of a token begins in its cache.
int rowOf(__global const int *table, int token, int kvHeads, int kvHead)
{
    return ((table[token / PAGE] * PAGE + token % PAGE) * kvHeads + kvHead) * HEAD_DIM;
}

__kernel void attend(__global const float *Q, __global const ushort *K, __global const ushort *V,
                     __global const int *table, __global const int *unused, float scale, __global float *O,
                     int heads, int kvHeads, int maxPages)
{
    __local float query[HEAD_DIM];
    __local float scores[PORTION];
    __local float partial[LANES];
    int lane = get_local_id(0);
    int head = get_group_id(0);
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    table += b * maxPages;
    for (int d = lane; d < HEAD_DIM; d += LANES)
        query[d] = scale * Q[head * HEAD_DIM + d];
    barrier(CLK_LOCAL_MEM_FENCE);

    float largest = -INFINITY;
    float total = 0.0f;
    float sum[HEAD_DIM / LANES];
    for (int i = 0; i < HEAD_DIM / LANES; ++i)
        sum[i] = 0.0f;
    for (int first = 0; first < tokens; first += PORTION) {
        int count = min(PORTION, tokens - first);
        float mine = largest;
        for (int t = lane; t < count; t += LANES) {
            __global const ushort *key = K + rowOf(table, first + t, kvHeads, kvHead);
            float dot = 0.0f;
            for (int d = 0; d < HEAD_DIM; ++d)
                dot += query[d] * fromBfloat16(key[d]);
            scores[t] = dot;
            mine = fmax(mine, dot);
        }
        partial[lane] = mine;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int reach = LANES / 2; reach > 0; reach /= 2) {
            if (lane < reach)
                partial[lane] = fmax(partial[lane], partial[lane + reach]);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        float larger = partial[0];
        float shrink = exp(largest - larger);
        largest = larger;
        total *= shrink;
        for (int i = 0; i < HEAD_DIM / LANES; ++i)
            sum[i] *= shrink;
        for (int t = lane; t < count; t += LANES)
            scores[t] = exp(scores[t] - largest);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int t = 0; t < count; ++t) {
            int row = rowOf(table, first + t, kvHeads, kvHead);
            total += scores[t];
            for (int i = 0; i < HEAD_DIM / LANES; ++i)
                sum[i] += scores[t] * fromBfloat16(V[row + i * LANES + lane]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int i = 0; i < HEAD_DIM / LANES; ++i)
        O[head * HEAD_DIM + i * LANES + lane] = sum[i] / total;
}
