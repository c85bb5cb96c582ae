// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread a query head: the largest score, then weights and sums.
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(ceil_div(batch * heads, 32)) block(32) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages, batch)

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

__device__ double scoreOf(const float *q, const unsigned short *key, float scale)
{
    double dot = 0;
    for (int d = 0; d < HEAD_DIM; ++d)
        dot += (double)q[d] * fromBfloat16(key[d]);
    return scale * dot;
}

extern "C" __global__ void attend(const float *__restrict__ Q, const unsigned short *__restrict__ K,
                                  const unsigned short *__restrict__ V, const int *__restrict__ table,
                                  const int *__restrict__ unused, float scale, float *__restrict__ O,
                                  int heads, int kvHeads, int maxPages, int batch)
{
    int head = blockIdx.x * blockDim.x + threadIdx.x;
    if (head >= batch * heads)
        return;
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    const float *q = Q + head * HEAD_DIM;
    table += b * maxPages;

    double largest = MINUS_INFINITY;
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
