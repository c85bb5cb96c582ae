// SPDX-License-Identifier: GPL-3.0-or-later
// One thread computes one element of C, straight from the definition.
//@ launch matmul grid(ceil_div(N, 16), ceil_div(M, 16)) block(16, 16) args(A, B, C, M, N, K)

extern "C" __global__ void matmul(const float *A, const float *B, float *C, int M, int N, int K)
{
    int col = blockIdx.x * 16 + threadIdx.x;
    int row = blockIdx.y * 16 + threadIdx.y;
    if (row >= M || col >= N)
        return;
    float sum = 0.0f;
    for (int k = 0; k < K; ++k)
        sum += A[row * K + k] * B[k * N + col];
    C[row * N + col] = sum;
}
