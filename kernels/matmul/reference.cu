// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread an element of C.
//@ launch matmul grid(ceil_div(M * N, 256)) block(256) args(A, B, C, M, N, K)

extern "C" __global__ void matmul(const float *A, const float *B, float *C, int M, int N, int K)
{
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element >= M * N)
        return;
    int row = element / N;
    int col = element % N;
    double sum = 0.0;
    for (int k = 0; k < K; ++k)
        sum += (double)A[row * K + k] * B[k * N + col];
    C[element] = (float)sum;
}
