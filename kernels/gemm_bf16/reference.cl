// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one work-item an element of C.
//@ launch gemm grid(ceil_div(N, 64), M) block(64) args(A, B, C, M, N, K)

float fromBfloat16(ushort bits)
{
    return as_float((uint)bits << 16);
}

__kernel void gemm(__global const ushort *A, __global const ushort *B, __global float *C, int M, int N, int K)
{
    int col = get_global_id(0);
    int row = get_global_id(1);
    if (col >= N)
        return;
    double sum = 0.0;
    for (int k = 0; k < K; ++k)
        sum += (double)fromBfloat16(A[row * K + k]) * fromBfloat16(B[col * K + k]);
    C[row * N + col] = (float)sum;
}
