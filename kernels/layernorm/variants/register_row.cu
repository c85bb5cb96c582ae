// SPDX-License-Identifier: GPL-3.0-or-later
// A block reads a row once, in 16-byte loads where its rows are aligned, and keeps it in registers, VECTORS
// groups of four a thread. Mean and variance can then be taken in two passes at no cost in memory traffic.
// The price is an upper bound on the length of a row, which the plan states.
//@ tune LANES = 256, 128, 512, 1024
//@ tune VECTORS = 4, 1, 2, 8
//@ require cols <= LANES * VECTORS * 4
//@ launch layernorm grid(rows) block(LANES) args(X, gamma, beta, epsilon, Y, cols)

#define WARPS (LANES / 32)

__device__ float sumOverBlock(float mine, float *partial)
{
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        mine += __shfl_xor_sync(0xffffffffu, mine, reach);
    if (threadIdx.x % 32 == 0)
        partial[threadIdx.x / 32] = mine;
    __syncthreads();
    float sum = 0.0f;
#pragma unroll
    for (int warp = 0; warp < WARPS; ++warp)
        sum += partial[warp];
    return sum;
}

// Four neighbours; those behind the end are `otherwise`.
__device__ float4 loadFour(const float *from, int first, int cols, float otherwise)
{
    if (cols % 4 == 0 && first < cols)
        return *(const float4 *)(from + first);
    return make_float4(first < cols ? from[first] : otherwise, first + 1 < cols ? from[first + 1] : otherwise,
                       first + 2 < cols ? from[first + 2] : otherwise,
                       first + 3 < cols ? from[first + 3] : otherwise);
}

extern "C" __global__ void __launch_bounds__(LANES)
    layernorm(const float *__restrict__ X, const float *__restrict__ gamma, const float *__restrict__ beta,
              float epsilon, float *__restrict__ Y, int cols)
{
    __shared__ float partial[2][WARPS];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;
    float first = x[0];

    float values[VECTORS][4];
    float sum = 0.0f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        float4 four = loadFour(x, (v * LANES + lane) * 4, cols, first);
        values[v][0] = four.x - first;
        values[v][1] = four.y - first;
        values[v][2] = four.z - first;
        values[v][3] = four.w - first;
        sum += (values[v][0] + values[v][1]) + (values[v][2] + values[v][3]);
    }
    float mean = sumOverBlock(sum, partial[0]) / cols;
    float square = 0.0f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            values[v][i] -= mean;
            square += (v * LANES + lane) * 4 + i < cols ? values[v][i] * values[v][i] : 0.0f;
        }
    }
    float factor = rsqrtf(sumOverBlock(square, partial[1]) / cols + epsilon);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        int c = (v * LANES + lane) * 4;
        float4 by = loadFour(gamma, c, cols, 0.0f);
        float4 plus = loadFour(beta, c, cols, 0.0f);
        float4 result =
            make_float4(by.x * (factor * values[v][0]) + plus.x, by.y * (factor * values[v][1]) + plus.y,
                        by.z * (factor * values[v][2]) + plus.z, by.w * (factor * values[v][3]) + plus.w);
        if (cols % 4 == 0) {
            if (c < cols)
                *(float4 *)(y + c) = result;
        } else {
            const float each[4] = {result.x, result.y, result.z, result.w};
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                if (c + i < cols)
                    y[c + i] = each[i];
            }
        }
    }
}
