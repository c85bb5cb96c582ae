// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a query head, one pass over its keys and values: whenever a score exceeds the largest so far,
// what has been added up is scaled down to match. Query and sums are explicit vectors.
//@ tune VEC = 4, 8, 16
//@ tune GROUP = 4, 1, 2, 8, 16
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(ceil_div(batch * heads, GROUP)) block(GROUP) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages, batch)

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
                     int heads, int kvHeads, int maxPages, int batch)
{
    int head = get_global_id(0);
    if (head >= batch * heads)
        return;
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
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
    for (int token = 0; token < tokens; ++token) {
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
#pragma unroll
    for (int p = 0; p < PARTS; ++p)
        vstorev(sum[p] / total, p, O + head * HEAD_DIM);
}
