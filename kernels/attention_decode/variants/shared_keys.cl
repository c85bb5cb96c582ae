// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item takes QUERIES query heads that share a head of the cache: a key or value is fetched and
// widened once and used QUERIES times. That is what grouped queries are for.
//@ tune VEC = 4, 8, 16
//@ tune QUERIES = 2, 1, 4
//@ tune GROUP = 4, 1, 2, 8
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(ceil_div(ceil_div(heads / kv_heads, QUERIES) * kv_heads, GROUP), batch) block(GROUP) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages, ceil_div(heads / kv_heads, QUERIES))

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

__kernel void attend(__global const float *Q, __global const ushort *K, __global const ushort *V,
                     __global const int *table, __global const int *unused, float scale, __global float *O,
                     int heads, int kvHeads, int maxPages, int sharers)
{
    int kvHead = get_global_id(0) / sharers;
    int b = get_global_id(1);
    if (kvHead >= kvHeads)
        return;
    int perKv = heads / kvHeads;
    int first = get_global_id(0) % sharers * QUERIES;
    int tokens = maxPages * PAGE - unused[b];
    table += b * maxPages;

    // A query beyond the last of its group repeats the last one; it is not stored.
    int head[QUERIES];
    floatv query[QUERIES][PARTS];
    floatv sum[QUERIES][PARTS];
    float largest[QUERIES];
    float total[QUERIES];
#pragma unroll
    for (int i = 0; i < QUERIES; ++i) {
        head[i] = b * heads + kvHead * perKv + min(first + i, perKv - 1);
        largest[i] = -INFINITY;
        total[i] = 0.0f;
#pragma unroll
        for (int p = 0; p < PARTS; ++p) {
            query[i][p] = scale * vloadv(p, Q + head[i] * HEAD_DIM);
            sum[i][p] = (floatv)(0.0f);
        }
    }
    for (int token = 0; token < tokens; ++token) {
        int row = rowOf(table, token, kvHeads, kvHead);
        floatv products[QUERIES];
#pragma unroll
        for (int i = 0; i < QUERIES; ++i)
            products[i] = (floatv)(0.0f);
#pragma unroll
        for (int p = 0; p < PARTS; ++p) {
            floatv key = widened(K + row, p);
#pragma unroll
            for (int i = 0; i < QUERIES; ++i)
                products[i] += query[i][p] * key;
        }
        float weight[QUERIES];
#pragma unroll
        for (int i = 0; i < QUERIES; ++i) {
            float score = sumOfLanes(products[i]);
            if (score > largest[i]) {
                float shrink = exp(largest[i] - score);
                total[i] *= shrink;
#pragma unroll
                for (int p = 0; p < PARTS; ++p)
                    sum[i][p] *= shrink;
                largest[i] = score;
            }
            weight[i] = exp(score - largest[i]);
            total[i] += weight[i];
        }
#pragma unroll
        for (int p = 0; p < PARTS; ++p) {
            floatv value = widened(V + row, p);
#pragma unroll
            for (int i = 0; i < QUERIES; ++i)
                sum[i][p] += weight[i] * value;
        }
    }
#pragma unroll
    for (int i = 0; i < QUERIES; ++i) {
        if (first + i >= perKv)
            continue;
#pragma unroll
        for (int p = 0; p < PARTS; ++p)
            vstorev(sum[i][p] / total[i], p, O + head[i] * HEAD_DIM);
    }
}
