// SPDX-License-Identifier: GPL-3.0-or-later
// Mean and variance in one pass by Welford's updates: every element moves the mean and adds to the sum of
// squared deviations from it; two such triples (count, mean, deviations) join exactly. It needs no reference
// point, and pays with a division an element.
//@ tune LANES = 256, 64, 128, 512, 1024
//@ launch layernorm grid(rows) block(LANES) args(X, gamma, beta, epsilon, Y, cols)

#define WARPS (LANES / 32)

struct Moments {
    float count;
    float mean;
    float deviations;
};

__device__ Moments join(Moments a, Moments b)
{
    float count = a.count + b.count;
    if (count == 0.0f)
        return a;
    float gap = b.mean - a.mean;
    float share = b.count / count;
    return {count, a.mean + gap * share, a.deviations + b.deviations + gap * gap * a.count * share};
}

extern "C" __global__ void __launch_bounds__(LANES)
    layernorm(const float *X, const float *gamma, const float *beta, float epsilon, float *Y, int cols)
{
    __shared__ Moments partial[WARPS];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;

    Moments mine = {0.0f, 0.0f, 0.0f};
    for (int c = lane; c < cols; c += LANES) {
        float gap = x[c] - mine.mean;
        mine.count += 1.0f;
        mine.mean += gap / mine.count;
        mine.deviations += gap * (x[c] - mine.mean);
    }
#pragma unroll
    for (int reach = 16; reach > 0; reach /= 2) {
        Moments other = {__shfl_xor_sync(0xffffffffu, mine.count, reach),
                         __shfl_xor_sync(0xffffffffu, mine.mean, reach),
                         __shfl_xor_sync(0xffffffffu, mine.deviations, reach)};
        // Both partners must join in the same order, or their results differ in the last bit.
        mine = lane & reach ? join(other, mine) : join(mine, other);
    }
    if (lane % 32 == 0)
        partial[lane / 32] = mine;
    __syncthreads();
    Moments all = partial[0];
    for (int warp = 1; warp < WARPS; ++warp)
        all = join(all, partial[warp]);

    float factor = rsqrtf(all.deviations / cols + epsilon);
    for (int c = lane; c < cols; c += LANES)
        y[c] = gamma[c] * (factor * (x[c] - all.mean)) + beta[c];
}
