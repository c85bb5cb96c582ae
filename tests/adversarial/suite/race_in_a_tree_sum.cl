// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
// No item waits for what the others put into local memory.
//@ launch dots grid(R) block(256) args(X, w, y, C)

__kernel void dots(__global const float *X, __global const float *w, __global float *y, int terms)
{
    __local float parts[256];
    const int l = get_local_id(0);
    const int row = get_group_id(0);
    float sum = 0.0f;
    for (int c = l; c < terms; c += 256)
        sum += X[row * terms + c] * w[c];
    parts[l] = sum;
    for (int s = 128; s > 0; s /= 2) {
        if (l < s)
            parts[l] += parts[l + s];
    }
    if (l == 0)
        y[row] = parts[0];
}
