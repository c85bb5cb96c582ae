// SPDX-License-Identifier: GPL-3.0-or-later
// A warp shares a row and adds up with shuffles; no barrier. A thread takes two neighbours in one 4-byte
// access where rows have an even length. WARPS rows a block.
//@ tune WARPS = 4, 1, 2, 8, 16
//@ launch rmsnorm grid(ceil_div(rows, WARPS)) block(32, WARPS) args(X, weight, epsilon, Y, rows, cols)

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

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    rmsnorm(const unsigned short *__restrict__ X, const unsigned short *__restrict__ weight, float epsilon,
            unsigned short *__restrict__ Y, int rows, int cols)
{
    int lane = threadIdx.x;
    int row = blockIdx.x * WARPS + threadIdx.y;
    if (row >= rows)
        return;
    const unsigned short *x = X + (size_t)row * cols;
    unsigned short *y = Y + (size_t)row * cols;
    int pairs = cols % 2 == 0 ? cols / 2 : 0;

    float squares = 0.0f;
    for (int p = lane; p < pairs; p += 32) {
        ushort2 two = ((const ushort2 *)x)[p];
        squares += fromBfloat16(two.x) * fromBfloat16(two.x);
        squares += fromBfloat16(two.y) * fromBfloat16(two.y);
    }
    for (int c = 2 * pairs + lane; c < cols; c += 32)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        squares += __shfl_xor_sync(0xffffffffu, squares, reach);

    float factor = rsqrtf(squares / cols + epsilon);
    for (int p = lane; p < pairs; p += 32) {
        ushort2 two = ((const ushort2 *)x)[p];
        ushort2 by = ((const ushort2 *)weight)[p];
        ((ushort2 *)y)[p] = make_ushort2(toBfloat16(factor * fromBfloat16(two.x) * fromBfloat16(by.x)),
                                         toBfloat16(factor * fromBfloat16(two.y) * fromBfloat16(by.y)));
    }
    for (int c = 2 * pairs + lane; c < cols; c += 32)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
