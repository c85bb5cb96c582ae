// SPDX-License-Identifier: GPL-3.0-or-later
// As vector_block, but what a thread has read stays in registers, still packed, for the second pass: every
// byte crosses the memory interface once. The price is an upper bound on the length of a row.
//@ tune LANES = 256, 128, 512, 1024
//@ tune VECTORS = 2, 1, 4, 8
//@ require cols <= LANES * VECTORS * 8
//@ launch rmsnorm grid(rows) block(LANES) args(X, weight, epsilon, Y, cols)

__device__ float fromBfloat16(unsigned short bits)
{
    return __uint_as_float((unsigned)bits << 16);
}

// Rounds to the nearest, ties to even.
__device__ unsigned short toBfloat16(float value)
{
    unsigned bits = __float_as_uint(value);
    return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Eight neighbours, as they lie in one 16-byte access.
union Eight {
    uint4 whole;
    unsigned short parts[8];
};

#define WARPS (LANES / 32)

__device__ Eight loadEight(const unsigned short *from, int first, int cols)
{
    Eight eight;
    eight.whole = make_uint4(0, 0, 0, 0);
    if (cols % 8 == 0) {
        if (first < cols)
            eight.whole = *(const uint4 *)(from + first);
    } else {
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            if (first + i < cols)
                eight.parts[i] = from[first + i];
        }
    }
    return eight;
}

extern "C" __global__ void __launch_bounds__(LANES)
    rmsnorm(const unsigned short *__restrict__ X, const unsigned short *__restrict__ weight, float epsilon,
            unsigned short *__restrict__ Y, int cols)
{
    __shared__ float partial[WARPS];
    int lane = threadIdx.x;
    const unsigned short *x = X + (size_t)blockIdx.x * cols;
    unsigned short *y = Y + (size_t)blockIdx.x * cols;

    Eight kept[VECTORS];
    float squares = 0.0f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        kept[v] = loadEight(x, (v * LANES + lane) * 8, cols);
#pragma unroll
        for (int i = 0; i < 8; ++i)
            squares += fromBfloat16(kept[v].parts[i]) * fromBfloat16(kept[v].parts[i]);
    }
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        squares += __shfl_xor_sync(0xffffffffu, squares, reach);
    if (lane % 32 == 0)
        partial[lane / 32] = squares;
    __syncthreads();
    squares = 0.0f;
#pragma unroll
    for (int warp = 0; warp < WARPS; ++warp)
        squares += partial[warp];

    float factor = rsqrtf(squares / cols + epsilon);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        int first = (v * LANES + lane) * 8;
        Eight by = loadEight(weight, first, cols);
#pragma unroll
        for (int i = 0; i < 8; ++i)
            kept[v].parts[i] =
                toBfloat16(factor * fromBfloat16(kept[v].parts[i]) * fromBfloat16(by.parts[i]));
        if (cols % 8 == 0) {
            if (first < cols)
                *(uint4 *)(y + first) = kept[v].whole;
        } else {
#pragma unroll
            for (int i = 0; i < 8; ++i) {
                if (first + i < cols)
                    y[first + i] = kept[v].parts[i];
            }
        }
    }
}
