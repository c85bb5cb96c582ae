// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item a row, VEC elements at a time: the lanes of a vector hold partial maxima and sums, which
// are combined once at the end of each pass. What does not fill a vector is done one by one.
//@ tune VEC = 4, 8, 16
//@ tune GROUP = 64, 1, 4, 16
//@ launch softmax grid(ceil_div(rows, GROUP)) block(GROUP) args(X, scale, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    int whole = cols / VEC * VEC;
    float lanes[VEC];

    floatv largestLanes = (floatv)(scale * x[0]);
    for (int c = 0; c < whole; c += VEC)
        largestLanes = fmax(largestLanes, scale * vloadv(0, x + c));
    vstorev(largestLanes, 0, lanes);
    float largest = lanes[0];
    for (int lane = 1; lane < VEC; ++lane)
        largest = fmax(largest, lanes[lane]);
    for (int c = whole; c < cols; ++c)
        largest = fmax(largest, scale * x[c]);

    floatv sumLanes = (floatv)(0.0f);
    for (int c = 0; c < whole; c += VEC) {
        floatv e = exp(scale * vloadv(0, x + c) - largest);
        sumLanes += e;
        vstorev(e, 0, y + c);
    }
    vstorev(sumLanes, 0, lanes);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += lanes[lane];
    for (int c = whole; c < cols; ++c) {
        float e = exp(scale * x[c] - largest);
        sum += e;
        y[c] = e;
    }

    float factor = 1.0f / sum;
    for (int c = 0; c < whole; c += VEC)
        vstorev(factor * vloadv(0, y + c), 0, y + c);
    for (int c = whole; c < cols; ++c)
        y[c] *= factor;
}
