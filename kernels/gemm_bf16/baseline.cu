// SPDX-License-Identifier: GPL-3.0-or-later
// One thread computes one element of C, straight from the definition.
//@ launch gemm grid(ceil_div(N, 16), ceil_div(M, 16)) block(16, 16) args(A, B, C, M, N, K)

__device__ float fromBfloat16(unsigned short bits)
{
    return __uint_as_float((unsigned)bits << 16);
}

extern "C" __global__ void gemm(const unsigned short *A, const unsigned short *B, float *C, int M, int N,
                                int K)
{
    int col = blockIdx.x * 16 + threadIdx.x;
    int row = blockIdx.y * 16 + threadIdx.y;
    if (row >= M || col >= N)
        return;
    float sum = 0.0f;
    for (int k = 0; k < K; ++k)
        sum += fromBfloat16(A[row * K + k]) * fromBfloat16(B[col * K + k]);
    C[row * N + col] = sum;
}
