// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row, neighbouring threads reading neighbouring elements, and adds up in shared memory,
// halving the number of partners each time. Two bytes a thread and access: the memory could do more.
//@ tune LANES = 128, 64, 256, 512, 1024
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

extern "C" __global__ void __launch_bounds__(LANES)
    rmsnorm(const unsigned short *X, const unsigned short *weight, float epsilon, unsigned short *Y, int cols)
{
    __shared__ float partial[LANES];
    int lane = threadIdx.x;
    const unsigned short *x = X + (size_t)blockIdx.x * cols;
    unsigned short *y = Y + (size_t)blockIdx.x * cols;

    float squares = 0.0f;
    for (int c = lane; c < cols; c += LANES)
        squares += fromBfloat16(x[c]) * fromBfloat16(x[c]);
    partial[lane] = squares;
    __syncthreads();
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        __syncthreads();
    }

    float factor = rsqrtf(partial[0] / cols + epsilon);
    for (int c = lane; c < cols; c += LANES)
        y[c] = toBfloat16(factor * fromBfloat16(x[c]) * fromBfloat16(weight[c]));
}
