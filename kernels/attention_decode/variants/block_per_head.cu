// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a query head. Eight threads share a token, so that a score needs three shuffles instead of
// five, and 4 * WARPS tokens are under way at a time; their states are joined at the end.
//@ tune WARPS = 8, 2, 4, 16
//@ require head_dim == 128 && page_size == 16
//@ launch attend grid(batch * heads) block(32 * WARPS) args(Q, K, V, table, unused, scale, O, heads, kv_heads, max_pages)

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

// Eight threads share a token, sixteen places of the head each; a warp works on four tokens at a time.
#define SHARERS 8
#define PLACES 16

// Sixteen neighbours, as they lie in two 16-byte accesses.
union Sixteen {
    uint4 whole[2];
    unsigned short parts[PLACES];
};

__device__ Sixteen loadSixteen(const unsigned short *from)
{
    Sixteen sixteen;
    sixteen.whole[0] = ((const uint4 *)from)[0];
    sixteen.whole[1] = ((const uint4 *)from)[1];
    return sixteen;
}

// What some tokens have come to: their largest score, total weight and weighted values.
struct State {
    float largest;
    float total;
    float sum[PLACES];
};

__device__ State emptyState()
{
    State state;
    state.largest = MINUS_INFINITY;
    state.total = 0.0f;
#pragma unroll
    for (int i = 0; i < PLACES; ++i)
        state.sum[i] = 0.0f;
    return state;
}

// Factor that brings weights relative to `from` to weights relative to `to`; infinity minus infinity is none.
__device__ float rescale(float from, float to)
{
    return from == to ? 1.0f : expf(from - to);
}

__device__ void addToken(State &state, float score, const Sixteen &value)
{
    float larger = fmaxf(state.largest, score);
    float shrink = rescale(state.largest, larger);
    float weight = expf(score - larger);
    state.largest = larger;
    state.total = state.total * shrink + weight;
#pragma unroll
    for (int i = 0; i < PLACES; ++i)
        state.sum[i] = state.sum[i] * shrink + weight * fromBfloat16(value.parts[i]);
}

// Joins the states of the four token groups of a warp; all threads get the result.
__device__ void joinWarp(State &state)
{
#pragma unroll
    for (int reach = SHARERS; reach < 32; reach *= 2) {
        float otherLargest = __shfl_xor_sync(0xffffffffu, state.largest, reach);
        float larger = fmaxf(state.largest, otherLargest);
        float mine = rescale(state.largest, larger);
        float theirs = rescale(otherLargest, larger);
        state.largest = larger;
        state.total = state.total * mine + __shfl_xor_sync(0xffffffffu, state.total, reach) * theirs;
#pragma unroll
        for (int i = 0; i < PLACES; ++i)
            state.sum[i] = state.sum[i] * mine + __shfl_xor_sync(0xffffffffu, state.sum[i], reach) * theirs;
    }
}

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    attend(const float *__restrict__ Q, const unsigned short *__restrict__ K,
           const unsigned short *__restrict__ V, const int *__restrict__ table,
           const int *__restrict__ unused, float scale, float *__restrict__ O, int heads, int kvHeads,
           int maxPages)
{
    __shared__ float largests[WARPS];
    __shared__ float totals[WARPS];
    __shared__ float sums[WARPS][HEAD_DIM];
    int head = blockIdx.x;
    int b = head / heads;
    int kvHead = head % heads / (heads / kvHeads);
    int tokens = maxPages * PAGE - unused[b];
    int warp = threadIdx.x / 32;
    int place = threadIdx.x % SHARERS * PLACES;
    table += b * maxPages;

    float query[PLACES];
#pragma unroll
    for (int i = 0; i < PLACES; ++i)
        query[i] = scale * Q[head * HEAD_DIM + place + i];
    State state = emptyState();
    // The same number of turns for all threads of a warp, because they meet in the shuffles.
    for (int first = warp * 4; first < tokens; first += 4 * WARPS) {
        int token = first + threadIdx.x % 32 / SHARERS;
        int row = rowOf(table, min(token, tokens - 1), kvHeads, kvHead) + place;
        Sixteen key = loadSixteen(K + row);
        Sixteen value = loadSixteen(V + row);
        float score = 0.0f;
#pragma unroll
        for (int i = 0; i < PLACES; ++i)
            score += query[i] * fromBfloat16(key.parts[i]);
#pragma unroll
        for (int reach = 1; reach < SHARERS; reach *= 2)
            score += __shfl_xor_sync(0xffffffffu, score, reach);
        if (token < tokens)
            addToken(state, score, value);
    }
    joinWarp(state);
    if (threadIdx.x % 32 < SHARERS) {
        largests[warp] = state.largest;
        totals[warp] = state.total;
#pragma unroll
        for (int i = 0; i < PLACES; ++i)
            sums[warp][place + i] = state.sum[i];
    }
    __syncthreads();
    float largest = largests[0];
    for (int i = 1; i < WARPS; ++i)
        largest = fmaxf(largest, largests[i]);
    float total = 0.0f;
    for (int i = 0; i < WARPS; ++i)
        total += totals[i] * rescale(largests[i], largest);
    for (int d = threadIdx.x; d < HEAD_DIM; d += 32 * WARPS) {
        float sum = 0.0f;
        for (int i = 0; i < WARPS; ++i)
            sum += sums[i][d] * rescale(largests[i], largest);
        O[head * HEAD_DIM + d] = sum / total;
    }
}
