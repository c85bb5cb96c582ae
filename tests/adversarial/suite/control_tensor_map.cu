// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED
// The bulk copy engine brings each block its part of x, through a tensor map.
//@ tensor_map tile: x box(64)
//@ launch twice grid(ceil_div(N, 64)) block(64) args(tile, y, N)

struct alignas(64) TensorMap {
    unsigned long long opaque[16];
};

extern "C" __global__ void twice(const __grid_constant__ TensorMap tile, float *y, int n)
{
    __shared__ alignas(128) float part[64];
    __shared__ alignas(8) unsigned long long arrived;
    const unsigned barrier = (unsigned)__cvta_generic_to_shared(&arrived);
    const unsigned target = (unsigned)__cvta_generic_to_shared(part);
    if (threadIdx.x == 0) {
        asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier) : "memory");
        asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], 256;" ::"r"(barrier) : "memory");
        asm volatile("cp.async.bulk.tensor.1d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2}], [%3];"
                     ::"r"(target), "l"(&tile), "r"((int)blockIdx.x * 64), "r"(barrier)
                     : "memory");
    }
    unsigned done = 0;
    while (done == 0)
        asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], 0; selp.u32 %0, 1, 0, p; }"
                     : "=r"(done)
                     : "r"(barrier)
                     : "memory");
    const int i = blockIdx.x * 64 + threadIdx.x;
    if (i < n)
        y[i] = 2.0f * part[threadIdx.x] + 1.0f;
}
