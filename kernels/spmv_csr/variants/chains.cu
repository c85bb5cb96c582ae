// SPDX-License-Identifier: GPL-3.0-or-later
// One thread a row with CHAINS independent sums: as many elements of x are on their way at a time, and an
// addition need not wait for the one before it.
//@ tune CHAINS = 4, 1, 2, 8, 16
//@ tune GROUP = 128, 32, 64, 256
//@ launch spmv grid(ceil_div(rows, GROUP)) block(GROUP) args(offsets, columns, values, x, y, rows)

extern "C" __global__ void __launch_bounds__(GROUP)
    spmv(const int *__restrict__ offsets, const int *__restrict__ columns, const float *__restrict__ values,
         const float *__restrict__ x, float *__restrict__ y, int rows)
{
    int row = blockIdx.x * GROUP + threadIdx.x;
    if (row >= rows)
        return;
    int end = offsets[row + 1];
    float sum[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; ++i)
        sum[i] = 0.0f;
    int k = offsets[row];
    for (; k + CHAINS <= end; k += CHAINS) {
#pragma unroll
        for (int i = 0; i < CHAINS; ++i)
            sum[i] += values[k + i] * x[columns[k + i]];
    }
    for (; k < end; ++k)
        sum[0] += values[k] * x[columns[k]];
#pragma unroll
    for (int i = 1; i < CHAINS; ++i)
        sum[0] += sum[i];
    y[row] = sum[0];
}
