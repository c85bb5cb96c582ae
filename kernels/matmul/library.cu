// SPDX-License-Identifier: GPL-3.0-or-later
// cuBLAS, for comparison. Without tf32, as the task asks.
//@ call cublas.sgemm(A, B, C, M, N, K)
