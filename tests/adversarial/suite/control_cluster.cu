// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
// Two blocks of a cluster load each other's part of x and fetch their own from the other's shared memory.
//@ launch twice grid(round_up(ceil_div(N, 64), 2)) cluster(2) block(64) args(x, y, N)
#include <cooperative_groups.h>

extern "C" __global__ void twice(const float *x, float *y, int n)
{
    __shared__ float part[64];
    auto cluster = cooperative_groups::this_cluster();
    const unsigned other = cluster.block_rank() ^ 1;
    const int theirs = (int)(blockIdx.x ^ 1) * 64 + threadIdx.x;
    part[threadIdx.x] = theirs < n ? x[theirs] : 0.0f;
    cluster.sync();
    const float mine = cluster.map_shared_rank(part, other)[threadIdx.x];
    cluster.sync();
    const int i = blockIdx.x * 64 + threadIdx.x;
    if (i < n)
        y[i] = 2.0f * mine + 1.0f;
}
