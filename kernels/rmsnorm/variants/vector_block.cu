// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row with 16-byte accesses, eight elements each, where the length of a row is a multiple of
// eight; otherwise one by one. Warps add up with shuffles and meet once in shared memory.
//@ tune LANES = 256, 64, 128, 512, 1024
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

extern "C" __global__ void __launch_bounds__(LANES)
    rmsnorm(const unsigned short *__restrict__ X, const unsigned short *__restrict__ weight, float epsilon,
            unsigned short *__restrict__ Y, int cols)
{
    __shared__ float partial[WARPS];
    int lane = threadIdx.x;
    const unsigned short *x = X + (size_t)blockIdx.x * cols;
    unsigned short *y = Y + (size_t)blockIdx.x * cols;
    int vectors = cols % 8 == 0 ? cols / 8 : 0;

    float squares = 0.0f;
    for (int v = lane; v < vectors; v += LANES) {
        Eight eight;
        eight.whole = ((const uint4 *)x)[v];
#pragma unroll
        for (int i = 0; i < 8; ++i)
            squares += fromBfloat16(eight.parts[i]) * fromBfloat16(eight.parts[i]);
    }
    for (int c = vectors * 8 + lane; c < cols; c += LANES)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);
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
    for (int v = lane; v < vectors; v += LANES) {
        Eight eight, by;
        eight.whole = ((const uint4 *)x)[v];
        by.whole = ((const uint4 *)weight)[v];
#pragma unroll
        for (int i = 0; i < 8; ++i)
            eight.parts[i] = toBfloat16(factor * fromBfloat16(eight.parts[i]) * fromBfloat16(by.parts[i]));
        ((uint4 *)y)[v] = eight.whole;
    }
    for (int c = vectors * 8 + lane; c < cols; c += LANES)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
