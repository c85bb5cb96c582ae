// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot
//@ launch dots grid(R) block(64) args(X, w, y, C)

__kernel void dots(__global const float *X, __global const float *w, __global float *y, int terms)
{
    __local float parts[64];
    const int l = get_local_id(0);
    const int row = get_group_id(0);
    float sum = 0.0f;
    for (int c = l; c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    parts[l] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int s = 32; s > 0; s /= 2) {
        if (l < s)
            parts[l] += parts[l + s];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (l == 0)
        y[row] = parts[0];
}
