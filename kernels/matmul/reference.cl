// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item an element of C.
//@ launch matmul grid(ceil_div(N, 64), M) block(64) args(A, B, C, N, K)

__kernel void matmul(__global const float *A, __global const float *B, __global float *C, int N, int K)
{
    int col = get_global_id(0);
    int row = get_global_id(1);
    if (col >= N)
        return;
    double sum = 0.0;
    for (int k = 0; k < K; ++k)
        sum += (double)A[row * K + k] * B[k * N + col];
    C[row * N + col] = (float)sum;
}
