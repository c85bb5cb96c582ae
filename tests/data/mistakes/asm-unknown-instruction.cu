// SPDX-License-Identifier: GPL-3.0-or-later
// class: ptx-instruction
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    float v;
    asm("fmadd.f32 %0, %1, %2, %3;" : "=f"(v) : "f"(x[i]), "f"(2.0f), "f"(1.0f));
    if (i < n) y[i] = v;
}
