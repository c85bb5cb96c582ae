// SPDX-License-Identifier: GPL-3.0-or-later
// A block owns ROWS rows and takes their elements in portions of CHUNK: all threads multiply, neighbours on
// neighbouring elements, and leave the products in shared memory; then LANES threads a row add up the part of
// the portion that is theirs. Memory is read straight through however short the rows are.
//@ tune ROWS = 32, 8, 16, 64
//@ tune LANES = 8, 1, 4, 16, 32
//@ tune CHUNK = 2048, 1024, 4096, 8192
//@ require LANES * ROWS % 32 == 0 && LANES * ROWS >= 64 && LANES * ROWS <= 1024
//@ launch spmv grid(ceil_div(rows, ROWS)) block(LANES * ROWS) args(offsets, columns, values, x, y, rows)

#define THREADS (LANES * ROWS)

extern "C" __global__ void __launch_bounds__(LANES *ROWS)
    spmv(const int *__restrict__ offsets, const int *__restrict__ columns, const float *__restrict__ values,
         const float *__restrict__ x, float *__restrict__ y, int rows)
{
    __shared__ float products[CHUNK];
    int lane = threadIdx.x % LANES;
    int firstRow = blockIdx.x * ROWS;
    int row = firstRow + threadIdx.x / LANES;
    int begin = row < rows ? offsets[row] : 0;
    int end = row < rows ? offsets[row + 1] : 0;
    int last = offsets[min(firstRow + ROWS, rows)];

    float sum = 0.0f;
    for (int first = offsets[firstRow]; first < last; first += CHUNK) {
        int count = min(CHUNK, last - first);
        for (int i = threadIdx.x; i < count; i += THREADS)
            products[i] = values[first + i] * x[columns[first + i]];
        __syncthreads();
        for (int k = max(begin, first) + lane; k < min(end, first + count); k += LANES)
            sum += products[k - first];
        __syncthreads();
    }
#pragma unroll
    for (int reach = LANES / 2; reach > 0; reach /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, reach);
    if (lane == 0 && row < rows)
        y[row] = sum;
}
