// SPDX-License-Identifier: GPL-3.0-or-later
// LANES neighbouring threads share a row and add up with shuffles: loads of values and columns run straight
// through memory. Rows shorter than LANES leave threads idle, longer ones keep them busy longer.
//@ tune LANES = 8, 2, 4, 16, 32
//@ tune ROWS = 16, 4, 8, 32
//@ require LANES * ROWS % 32 == 0
//@ launch spmv grid(ceil_div(rows, ROWS)) block(LANES * ROWS) args(offsets, columns, values, x, y, rows)

extern "C" __global__ void __launch_bounds__(LANES *ROWS)
    spmv(const int *__restrict__ offsets, const int *__restrict__ columns, const float *__restrict__ values,
         const float *__restrict__ x, float *__restrict__ y, int rows)
{
    int lane = threadIdx.x % LANES;
    int row = blockIdx.x * ROWS + threadIdx.x / LANES;
    // All threads of a warp must reach the shuffles; those behind the last row add up nothing.
    int end = row < rows ? offsets[row + 1] : 0;

    float sum = 0.0f;
    for (int k = row < rows ? offsets[row] + lane : 0; k < end; k += LANES)
        sum += values[k] * x[columns[k]];
#pragma unroll
    for (int reach = LANES / 2; reach > 0; reach /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);
    if (lane == 0 && row < rows)
        y[row] = sum;
}
