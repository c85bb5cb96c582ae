// SPDX-License-Identifier: GPL-3.0-or-later
// Two passes over the row. The first finds maximum and sum together: whenever a lane's maximum grows, the
// sum it has so far is scaled down to match. CHUNK vectors share one such correction. The second pass
// computes the exponentials again rather than fetching them back.
//@ tune VEC = 4, 8, 16
//@ tune CHUNK = 1, 2, 4, 8
//@ tune GROUP = 64, 1, 4, 16
//@ launch softmax grid(ceil_div(rows, GROUP)) block(GROUP) args(X, scale, Y, rows, cols)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)
#define STEP (VEC * CHUNK)

__kernel void softmax(__global const float *X, float scale, __global float *Y, int rows, int cols)
{
    int row = get_global_id(0);
    if (row >= rows)
        return;
    __global const float *x = X + row * cols;
    __global float *y = Y + row * cols;
    int whole = cols / STEP * STEP;

    floatv largestLanes = (floatv)(scale * x[0]);
    floatv sumLanes = (floatv)(0.0f);
    for (int c = 0; c < whole; c += STEP) {
        floatv t[CHUNK];
        floatv larger = largestLanes;
#pragma unroll
        for (int i = 0; i < CHUNK; ++i) {
            t[i] = scale * vloadv(i, x + c);
            larger = fmax(larger, t[i]);
        }
        sumLanes *= exp(largestLanes - larger);
#pragma unroll
        for (int i = 0; i < CHUNK; ++i)
            sumLanes += exp(t[i] - larger);
        largestLanes = larger;
    }

    float largests[VEC];
    float sums[VEC];
    vstorev(largestLanes, 0, largests);
    float largest = largests[0];
    for (int lane = 1; lane < VEC; ++lane)
        largest = fmax(largest, largests[lane]);
    for (int c = whole; c < cols; ++c)
        largest = fmax(largest, scale * x[c]);
    vstorev(sumLanes * exp(largestLanes - largest), 0, sums);
    float sum = 0.0f;
    for (int lane = 0; lane < VEC; ++lane)
        sum += sums[lane];
    for (int c = whole; c < cols; ++c)
        sum += exp(scale * x[c] - largest);

    float factor = 1.0f / sum;
    for (int c = 0; c < whole; c += VEC)
        vstorev(factor * exp(scale * vloadv(0, x + c) - largest), 0, y + c);
    for (int c = whole; c < cols; ++c)
        y[c] = factor * exp(scale * x[c] - largest);
}
