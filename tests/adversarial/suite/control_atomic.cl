// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot
// The order of additions varies from run to run, which is legitimate.
//@ launch clear grid(ceil_div(R, 64)) block(64) args(y, R)
//@ launch add grid(R) block(64) args(X, w, y, C)

__kernel void clear(__global float *y, int rows)
{
    const int i = get_global_id(0);
    if (i < rows)
        y[i] = 0.0f;
}

__kernel void add(__global const float *X, __global const float *w, __global float *y, int terms)
{
    const int row = get_group_id(0);
    float sum = 0.0f;
    for (int c = get_local_id(0); c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    volatile __global int *place = (volatile __global int *)(y + row);
    for (;;) {
        const int seen = *place;
        if (atomic_cmpxchg(place, seen, as_int(as_float(seen) + sum)) == seen)
            break;
    }
}
