// SPDX-License-Identifier: GPL-3.0-or-later
// A warp shares a row and adds up with shuffles; no barrier. Mean and variance come from one pass, from
// differences to the row's first element and their squares. WARPS rows a block.
//@ tune WARPS = 4, 1, 2, 8, 16
//@ launch layernorm grid(ceil_div(rows, WARPS)) block(32, WARPS) args(X, gamma, beta, epsilon, Y, rows, cols)

extern "C" __global__ void __launch_bounds__(32 * WARPS)
    layernorm(const float *X, const float *gamma, const float *beta, float epsilon, float *Y, int rows,
              int cols)
{
    int lane = threadIdx.x;
    int row = blockIdx.x * WARPS + threadIdx.y;
    if (row >= rows)
        return;
    const float *x = X + (size_t)row * cols;
    float *y = Y + (size_t)row * cols;
    float first = x[0];

    float sum = 0.0f;
    float square = 0.0f;
    for (int c = lane; c < cols; c += 32) {
        float difference = x[c] - first;
        sum += difference;
        square += difference * difference;
    }
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2) {
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);
        square += __shfl_xor_sync(0xffffffffu, square, reach);
    }
    float mean = sum / cols;
    float factor = rsqrtf(fmaxf(square / cols - mean * mean, 0.0f) + epsilon);
    for (int c = lane; c < cols; c += 32)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
