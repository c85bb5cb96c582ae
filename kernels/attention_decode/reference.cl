// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item a query head: the largest score, then weights and sums.
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(batch * heads) block(1) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages)

#define HEAD_DIM 128
#define PAGE 16

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

// Where the key or value of a token begins in its cache.
int rowOf(__global const int *table, int token, int kvHeads, int kvHead)
{
    return ((table[token / PAGE] * PAGE + token % PAGE) * kvHeads + kvHead) * HEAD_DIM;
}

double scoreOf(__global const float *q, __global const ushort *key, float scale)
{
    double dot = 0;
    for (int d = 0; d < HEAD_DIM; ++d)
        dot += (double)q[d] * fromBfloat16(key[d]);
    return scale * dot;
}

__kernel void attend(__global const float *Q, __global const ushort *K, __global const ushort *V,
                     __global const int *table, __global const int *unused, float scale, __global float *O,
                     int heads, int kvHeads, int maxPages)
{
    int head = get_group_id(0);
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    __global const float *q = Q + head * HEAD_DIM;
    table += b * maxPages;

    double largest = -INFINITY;
    for (int token = 0; token < tokens; ++token)
        largest = fmax(largest, scoreOf(q, K + rowOf(table, token, kvHeads, kvHead), scale));

    double total = 0;
    double sum[HEAD_DIM];
    for (int d = 0; d < HEAD_DIM; ++d)
        sum[d] = 0;
    for (int token = 0; token < tokens; ++token) {
        int row = rowOf(table, token, kvHeads, kvHead);
        double weight = exp(scoreOf(q, K + row, scale) - largest);
        total += weight;
        for (int d = 0; d < HEAD_DIM; ++d)
            sum[d] += weight * fromBfloat16(V[row + d]);
    }
    for (int d = 0; d < HEAD_DIM; ++d)
        O[head * HEAD_DIM + d] = (float)(sum[d] / total);
}
