// SPDX-License-Identifier: GPL-3.0-or-later
// As split, and a warp takes QUERIES query heads that share a head of the cache: keys and values are fetched
// and widened once and used QUERIES times, which is what grouped queries are for. More registers a thread.
//@ tune SPAN = 64, 16, 32, 128, 256
//@ tune WARPS = 4, 1, 2, 8
//@ tune QUERIES = 2, 1, 4
//@ require head_dim == 128 && page_size == 16
//@ scratch state: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), 2]
//@ scratch sums: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), head_dim]
//@ launch attend_spans grid(batch * kv_heads * ceil_div(heads / kv_heads, QUERIES) * ceil_div(ceil_div(max_pages * page_size, SPAN), WARPS)) block(32 * WARPS) args(Q, K, V, table, unused, scale, state, sums, heads, kv_heads, max_pages, ceil_div(max_pages * page_size, SPAN), ceil_div(heads / kv_heads, QUERIES))
//@ launch join_spans grid(batch * heads) block(128) args(state, sums, unused, O, heads, max_pages, ceil_div(max_pages * page_size, SPAN))

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
    attend_spans(const float *__restrict__ Q, const unsigned short *__restrict__ K,
                 const unsigned short *__restrict__ V, const int *__restrict__ table,
                 const int *__restrict__ unused, float scale, float *__restrict__ states,
                 float *__restrict__ sums, int heads, int kvHeads, int maxPages, int spans, int sharers)
{
    int blocks = (spans + WARPS - 1) / WARPS;
    int share = blockIdx.x / blocks;
    int span = blockIdx.x % blocks * WARPS + threadIdx.x / 32;
    int perKv = heads / kvHeads;
    int firstQuery = share % sharers * QUERIES;
    int kvHead = share / sharers % kvHeads;
    int b = share / sharers / kvHeads;
    int end = min((span + 1) * SPAN, maxPages * PAGE - unused[b]);
    int place = threadIdx.x % SHARERS * PLACES;
    // Spans behind the end of the sequence are not looked at by the second launch.
    if (span * SPAN >= end)
        return;
    table += b * maxPages;

    // A query beyond the last of its group repeats the last one; it is not stored.
    float query[QUERIES][PLACES];
    State state[QUERIES];
#pragma unroll
    for (int q = 0; q < QUERIES; ++q) {
        int head = b * heads + kvHead * perKv + min(firstQuery + q, perKv - 1);
        state[q] = emptyState();
#pragma unroll
        for (int i = 0; i < PLACES; ++i)
            query[q][i] = scale * Q[head * HEAD_DIM + place + i];
    }
    for (int first = span * SPAN; first < end; first += 4) {
        int token = first + threadIdx.x % 32 / SHARERS;
        int row = rowOf(table, min(token, end - 1), kvHeads, kvHead) + place;
        Sixteen key = loadSixteen(K + row);
        Sixteen value = loadSixteen(V + row);
#pragma unroll
        for (int q = 0; q < QUERIES; ++q) {
            float score = 0.0f;
#pragma unroll
            for (int i = 0; i < PLACES; ++i)
                score += query[q][i] * fromBfloat16(key.parts[i]);
#pragma unroll
            for (int reach = 1; reach < SHARERS; reach *= 2)
                score += __shfl_xor_sync(0xffffffffu, score, reach);
            if (token < end)
                addToken(state[q], score, value);
        }
    }
#pragma unroll
    for (int q = 0; q < QUERIES; ++q) {
        joinWarp(state[q]);
        if (firstQuery + q >= perKv || threadIdx.x % 32 >= SHARERS)
            continue;
        size_t at = (size_t)(b * heads + kvHead * perKv + firstQuery + q) * spans + span;
        if (place == 0) {
            states[2 * at] = state[q].largest;
            states[2 * at + 1] = state[q].total;
        }
#pragma unroll
        for (int i = 0; i < PLACES; ++i)
            sums[at * HEAD_DIM + place + i] = state[q].sum[i];
    }
}

extern "C" __global__ void join_spans(const float *state, const float *sums, const int *unused, float *O,
                                      int heads, int maxPages, int spans)
{
    int head = blockIdx.x;
    int d = threadIdx.x;
    int used = (maxPages * PAGE - unused[head / heads] + SPAN - 1) / SPAN;
    state += (size_t)head * spans * 2;
    sums += (size_t)head * spans * HEAD_DIM;

    float largest = state[0];
    for (int span = 1; span < used; ++span)
        largest = fmaxf(largest, state[2 * span]);
    float total = 0.0f;
    float sum = 0.0f;
    for (int span = 0; span < used; ++span) {
        float factor = rescale(state[2 * span], largest);
        total += state[2 * span + 1] * factor;
        sum += sums[span * HEAD_DIM + d] * factor;
    }
    O[head * HEAD_DIM + d] = sum / total;
}
