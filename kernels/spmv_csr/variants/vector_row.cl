// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row; VEC elements of x are gathered one by one and multiplied as a vector.
//@ tune VEC = 4, 8, 16
//@ tune GROUP = 64, 1, 4, 16, 256
//@ launch spmv grid(ceil_div(rows, GROUP)) block(GROUP) args(offsets, columns, values, x, y, rows)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void spmv(__global const int *offsets, __global const int *columns, __global const float *values,
                   __global const float *x, __global float *y, int rows)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    int end = offsets[row + 1];
    int k = offsets[row];
    floatv sums = (floatv)(0.0f);
    for (; k + VEC <= end; k += VEC) {
        float gathered[VEC];
#pragma unroll
        for (int i = 0; i < VEC; ++i)
            gathered[i] = x[columns[k + i]];
        sums += vloadv(0, values + k) * vloadv(0, gathered);
    }
    float lanes[VEC];
    vstorev(sums, 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    for (; k < end; ++k)
        sum += values[k] * x[columns[k]];
    y[row] = sum;
}
