// SPDX-License-Identifier: GPL-3.0-or-later
// class: wmma-header
//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)
extern "C" __global__ void twice(const float *x, float *y, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, float, nvcuda::wmma::row_major> a;
    if (i < n) y[i] = 2 * x[i] + 1;
}
