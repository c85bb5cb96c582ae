// SPDX-License-Identifier: GPL-3.0-or-later
// A block reads a row once, in 16-byte loads where its rows are aligned, and keeps it in registers, VECTORS
// groups of four a thread, until the result is written: global memory is touched twice, once to read and once
// to write. The price is an upper bound on the length of a row, which the plan states.
//@ tune LANES = 256, 128, 512, 1024
//@ tune VECTORS = 4, 1, 2, 8, 16
//@ tune FAST_EXP = 0, 1
//@ require cols <= LANES * VECTORS * 4
//@ launch softmax grid(rows) block(LANES) args(X, scale, Y, cols)

#define WARPS (LANES / 32)
#if FAST_EXP
#define exponential __expf
#else
#define exponential expf
#endif

extern "C" __global__ void __launch_bounds__(LANES)
    softmax(const float *__restrict__ X, float scale, float *__restrict__ Y, int cols)
{
    __shared__ float partial[2][WARPS];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;
    bool aligned = cols % 4 == 0;

    float t[VECTORS][4];
    float largest = scale * x[0];
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        int c = (v * LANES + lane) * 4;
        if (aligned && c < cols) {
            float4 four = *(const float4 *)(x + c);
            t[v][0] = scale * four.x;
            t[v][1] = scale * four.y;
            t[v][2] = scale * four.z;
            t[v][3] = scale * four.w;
        } else {
#pragma unroll
            for (int i = 0; i < 4; ++i)
                t[v][i] = c + i < cols ? scale * x[c + i] : largest;
        }
#pragma unroll
        for (int i = 0; i < 4; ++i)
            largest = fmaxf(largest, t[v][i]);
    }
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, reach));
    if (lane % 32 == 0)
        partial[0][lane / 32] = largest;
    __syncthreads();
#pragma unroll
    for (int warp = 0; warp < WARPS; ++warp)
        largest = fmaxf(largest, partial[0][warp]);

    float sum = 0.0f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            t[v][i] = exponential(t[v][i] - largest);
            sum += (v * LANES + lane) * 4 + i < cols ? t[v][i] : 0.0f;
        }
    }
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);
    if (lane % 32 == 0)
        partial[1][lane / 32] = sum;
    __syncthreads();
    sum = 0.0f;
#pragma unroll
    for (int warp = 0; warp < WARPS; ++warp)
        sum += partial[1][warp];

    float factor = 1.0f / sum;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) {
        int c = (v * LANES + lane) * 4;
        if (aligned && c < cols) {
            *(float4 *)(y + c) =
                make_float4(factor * t[v][0], factor * t[v][1], factor * t[v][2], factor * t[v][3]);
        } else {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                if (c + i < cols)
                    y[c + i] = factor * t[v][i];
            }
        }
    }
}
