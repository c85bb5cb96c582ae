// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
// Every block leaves its part in scratch; after all have met, each element is taken from another block's part.
//@ scratch t: float32[N]
//@ launch twice grid(8) block(128) cooperative args(x, t, y, N)
#include <cooperative_groups.h>

extern "C" __global__ void twice(const float *x, float *t, float *y, int n)
{
    const int first = blockIdx.x * blockDim.x + threadIdx.x;
    const int step = gridDim.x * blockDim.x;
    for (int i = first; i < n; i += step)
        t[n - 1 - i] = 2.0f * x[i] + 1.0f;
    cooperative_groups::this_grid().sync();
    for (int i = first; i < n; i += step)
        y[i] = t[n - 1 - i];
}
