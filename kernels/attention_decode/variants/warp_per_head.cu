// SPDX-License-Identifier: GPL-3.0-or-later
// A warp shares a query head, four places of the head a thread: a key is one straight 256-byte read, its
// score a sum over the warp, and the sums of the values need no combining. One pass, scaled down whenever a
// larger score comes.
//@ tune WARPS = 1, 2, 4
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(ceil_div(batch * heads, WARPS)) block(32, WARPS) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages, batch)

#define HEAD_DIM 128
#define PAGE 16
// Spelt out, because a kernel is compiled without the headers that would name it.
#define MINUS_INFINITY __int_as_float(0xff800000)

__device__ float fromBfloat16(unsigned short bits)
{
    return __uint_as_float((unsigned)bits << 16);
}

// Where the key or value of a token begins in its cache.
__device__ int rowOf(const int *table, int token, int kvHeads, int kvHead)
{
    return ((table[token / PAGE] * PAGE + token % PAGE) * kvHeads + kvHead) * HEAD_DIM;
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    attend(const float *__restrict__ Q, const unsigned short *__restrict__ K,
           const unsigned short *__restrict__ V, const int *__restrict__ table,
           const int *__restrict__ unused, float scale, float *__restrict__ O, int heads, int kvHeads,
           int maxPages, int batch)
{
    int lane = threadIdx.x;
    int head = blockIdx.x * WARPS + threadIdx.y;
    if (head >= batch * heads)
        return;
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    table += b * maxPages;

    float4 query = ((const float4 *)(Q + head * HEAD_DIM))[lane];
    float4 sum = make_float4(0, 0, 0, 0);
    float largest = MINUS_INFINITY;
    float total = 0.0f;
    for (int token = 0; token < tokens; ++token) {
        int row = rowOf(table, token, kvHeads, kvHead);
        ushort4 key = ((const ushort4 *)(K + row))[lane];
        ushort4 value = ((const ushort4 *)(V + row))[lane];
        float score = query.x * fromBfloat16(key.x) + query.y * fromBfloat16(key.y)
            + query.z * fromBfloat16(key.z) + query.w * fromBfloat16(key.w);
#pragma unroll
        for (int reach = 16; reach > 0; reach /= 2)
            score += __shfl_xor_sync(0xffffffffu, score, reach);
        score *= scale;
        float larger = fmaxf(largest, score);
        float shrink = expf(largest - larger);
        float weight = expf(score - larger);
        largest = larger;
        total = total * shrink + weight;
        sum.x = sum.x * shrink + weight * fromBfloat16(value.x);
        sum.y = sum.y * shrink + weight * fromBfloat16(value.y);
        sum.z = sum.z * shrink + weight * fromBfloat16(value.z);
        sum.w = sum.w * shrink + weight * fromBfloat16(value.w);
    }
    float factor = 1.0f / total;
    ((float4 *)(O + head * HEAD_DIM))[lane] =
        make_float4(factor * sum.x, factor * sum.y, factor * sum.z, factor * sum.w);
}
