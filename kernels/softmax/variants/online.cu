// SPDX-License-Identifier: GPL-3.0-or-later
// Two passes over the row. The first finds maximum and sum together: whenever a thread's maximum grows, the
// sum it has so far is scaled down to match, and the same rule joins the threads' pairs. CHUNK elements share
// one such correction. The second pass computes the exponentials again.
//@ tune LANES = 256, 64, 128, 512, 1024
//@ tune CHUNK = 4, 1, 2, 8
//@ launch softmax grid(rows) block(LANES) args(X, scale, Y, cols)

#define WARPS (LANES / 32)

// Joins the maximum and sum of one set of elements with those of another.
__device__ void join(float &largest, float &sum, float otherLargest, float otherSum)
{
    float both = fmaxf(largest, otherLargest);
    sum = sum * expf(largest - both) + otherSum * expf(otherLargest - both);
    largest = both;
}

extern "C" __global__ void __launch_bounds__(LANES) softmax(const float *X, float scale, float *Y, int cols)
{
    __shared__ float largests[WARPS];
    __shared__ float sums[WARPS];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;

    // Begins at an element of the row, as infinity minus infinity is no number.
    float largest = scale * x[0];
    float sum = 0.0f;
    int c = lane;
    for (; c + (CHUNK - 1) * LANES < cols; c += CHUNK * LANES) {
        float t[CHUNK];
        float larger = largest;
#pragma unroll
        for (int i = 0; i < CHUNK; ++i) {
            t[i] = scale * x[c + i * LANES];
            larger = fmaxf(larger, t[i]);
        }
        sum *= expf(largest - larger);
#pragma unroll
        for (int i = 0; i < CHUNK; ++i)
            sum += expf(t[i] - larger);
        largest = larger;
    }
    for (; c < cols; c += LANES)
        join(largest, sum, scale * x[c], 1.0f);

#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2) {
        float otherLargest = __shfl_xor_sync(0xffffffffu, largest, reach);
        float otherSum = __shfl_xor_sync(0xffffffffu, sum, reach);
        join(largest, sum, otherLargest, otherSum);
    }
    if (lane % 32 == 0) {
        largests[lane / 32] = largest;
        sums[lane / 32] = sum;
    }
    __syncthreads();
    largest = largests[0];
    sum = sums[0];
#pragma unroll
    for (int warp = 1; warp < WARPS; ++warp)
        join(largest, sum, largests[warp], sums[warp]);

    float factor = 1.0f / sum;
    for (int i = lane; i < cols; i += LANES)
        y[i] = factor * expf(scale * x[i] - largest);
}
