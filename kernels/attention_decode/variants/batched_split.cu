// SPDX-License-Identifier: GPL-3.0-or-later
// As grouped_split, and a group of eight threads works on TOKENS tokens at once: their keys and values are all asked
// for before any is used, where pages lie is looked up one round ahead, and a round rescales its sums once. Eight
// threads read 128 bytes in a row; weights are powers of two, which the device computes itself. The second launch
// reads what each span came to side by side instead of one after the other.
//@ tune SPAN = 256, 64, 128
//@ tune WARPS = 4, 2, 8
//@ tune QUERIES = 2, 4, 1
//@ tune TOKENS = 4, 2
//@ require head_dim == 128 && page_size == 16
//@ scratch state: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), 2]
//@ scratch sums: float32[batch * heads, ceil_div(max_pages * page_size, SPAN), head_dim]
//@ launch attend_spans grid(batch * kv_heads * ceil_div(heads / kv_heads, QUERIES) * ceil_div(ceil_div(max_pages * page_size, SPAN), WARPS)) block(32 * WARPS) args(Q, K, V, table, unused, scale, state, sums, heads, kv_heads, max_pages, ceil_div(max_pages * page_size, SPAN), ceil_div(heads / kv_heads, QUERIES))
//@ launch join_spans grid(batch * heads) block(128) shared(4 * ceil_div(max_pages * page_size, SPAN)) args(state, sums, unused, O, heads, max_pages, ceil_div(max_pages * page_size, SPAN))

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

// Eight threads share a token, sixteen places of the head each, eight of either half.
#define SHARERS 8
#define PLACES 16
#define HALF (HEAD_DIM / 2)
#define LOG2_E 1.44269504f

// Which place of the head a thread's i-th is, counted from its first.
__device__ int placeOf(int i)
{
    return i % 8 + i / 8 * HALF;
}

// Two times eight neighbours, as they lie in two 16-byte accesses.
union Sixteen {
    uint4 whole[2];
    unsigned short parts[PLACES];
};

__device__ Sixteen loadSixteen(const unsigned short *from)
{
    Sixteen sixteen;
    sixteen.whole[0] = *(const uint4 *)from;
    sixteen.whole[1] = *(const uint4 *)(from + HALF);
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
    return from == to ? 1.0f : exp2f(from - to);
}

// Takes in TOKENS tokens; one with a score of minus infinity counts for nothing.
__device__ void addTokens(State &state, const float (&score)[TOKENS], const Sixteen (&value)[TOKENS])
{
    float larger = state.largest;
#pragma unroll
    for (int t = 0; t < TOKENS; ++t)
        larger = fmaxf(larger, score[t]);
    float shrink = rescale(state.largest, larger);
    state.largest = larger;
    state.total *= shrink;
    float weight[TOKENS];
#pragma unroll
    for (int t = 0; t < TOKENS; ++t) {
        weight[t] = score[t] == MINUS_INFINITY ? 0.0f : exp2f(score[t] - larger);
        state.total += weight[t];
    }
#pragma unroll
    for (int i = 0; i < PLACES; ++i) {
        state.sum[i] *= shrink;
#pragma unroll
        for (int t = 0; t < TOKENS; ++t)
            state.sum[i] += weight[t] * fromBfloat16(value[t].parts[i]);
    }
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
    int place = threadIdx.x % SHARERS * 8;
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
            query[q][i] = LOG2_E * scale * Q[head * HEAD_DIM + place + placeOf(i)];
    }
    int member = threadIdx.x % 32 / SHARERS;
    int rows[TOKENS];
    auto lookUp = [&](int first) {
#pragma unroll
        for (int t = 0; t < TOKENS; ++t)
            rows[t] = rowOf(table, min(first + 4 * t + member, end - 1), kvHeads, kvHead) + place;
    };
    lookUp(span * SPAN);
    for (int first = span * SPAN; first < end; first += 4 * TOKENS) {
        Sixteen key[TOKENS], value[TOKENS];
#pragma unroll
        for (int t = 0; t < TOKENS; ++t)
            key[t] = loadSixteen(K + rows[t]);
#pragma unroll
        for (int t = 0; t < TOKENS; ++t)
            value[t] = loadSixteen(V + rows[t]);
        lookUp(first + 4 * TOKENS);
#pragma unroll
        for (int q = 0; q < QUERIES; ++q) {
            float score[TOKENS];
#pragma unroll
            for (int t = 0; t < TOKENS; ++t) {
                score[t] = 0.0f;
#pragma unroll
                for (int i = 0; i < PLACES; ++i)
                    score[t] += query[q][i] * fromBfloat16(key[t].parts[i]);
            }
#pragma unroll
            for (int reach = 1; reach < SHARERS; reach *= 2) {
#pragma unroll
                for (int t = 0; t < TOKENS; ++t)
                    score[t] += __shfl_xor_sync(0xffffffffu, score[t], reach);
            }
#pragma unroll
            for (int t = 0; t < TOKENS; ++t) {
                if (first + 4 * t + member >= end)
                    score[t] = MINUS_INFINITY;
            }
            addTokens(state[q], score, value);
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
            sums[at * HEAD_DIM + place + placeOf(i)] = state[q].sum[i];
    }
}

extern "C" __global__ void join_spans(const float *__restrict__ state, const float *__restrict__ sums,
                                      const int *__restrict__ unused, float *__restrict__ O, int heads,
                                      int maxPages, int spans)
{
    extern __shared__ float factors[];
    __shared__ float total;
    int head = blockIdx.x;
    int d = threadIdx.x;
    int used = (maxPages * PAGE - unused[head / heads] + SPAN - 1) / SPAN;
    state += (size_t)head * spans * 2;
    sums += (size_t)head * spans * HEAD_DIM;

    if (d < 32) {
        float largest = MINUS_INFINITY;
        for (int span = d; span < used; span += 32)
            largest = fmaxf(largest, state[2 * span]);
        for (int reach = 1; reach < 32; reach *= 2)
            largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, reach));
        float sum = 0.0f;
        for (int span = d; span < used; span += 32) {
            float factor = rescale(state[2 * span], largest);
            factors[span] = factor;
            sum += state[2 * span + 1] * factor;
        }
        for (int reach = 1; reach < 32; reach *= 2)
            sum += __shfl_xor_sync(0xffffffffu, sum, reach);
        if (d == 0)
            total = sum;
    }
    __syncthreads();
    float sum = 0.0f;
#pragma unroll 8
    for (int span = 0; span < used; ++span)
        sum += sums[span * HEAD_DIM + d] * factors[span];
    O[head * HEAD_DIM + d] = sum / total;
}
