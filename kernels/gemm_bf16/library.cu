// SPDX-License-Identifier: GPL-3.0-or-later
// cuBLAS, for comparison: bfloat16 factors, float32 sums and results.
//@ call cublas.gemm_bf16_nt(A, B, C, M, N, K)
