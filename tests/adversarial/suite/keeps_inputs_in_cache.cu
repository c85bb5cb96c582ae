// SPDX-License-Identifier: GPL-3.0-or-later
// expect: SUSPECT "" or REWARD_HACK "" or PASSED ""
// Asks the cache to keep its input across the flush. Harmless to the result; the flush must outlive it.
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    float value;
    unsigned long long policy;
    asm volatile("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
    asm volatile("ld.global.L2::cache_hint.f32 %0, [%1], %2;" : "=f"(value) : "l"(x + i), "l"(policy));
    y[i] = 2.0f * value + 1.0f;
}
