// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes one element of C, straight from the definition.
//@ launch gemm grid(ceil_div(N, 16), ceil_div(M, 16)) block(16, 16) args(A, B, C, M, N, K)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

__kernel void gemm(__global const ushort *A, __global const ushort *B, __global float *C, int M, int N, int K)
{
    int col = get_global_id(0);
    int row = get_global_id(1);
    if (row >= M || col >= N)
        return;
    float sum = 0.0f;
    for (int k = 0; k < K; ++k)
        sum += fromBfloat16(A[row * K + k]) * fromBfloat16(B[col * K + k]);
    C[row * N + col] = sum;
}
