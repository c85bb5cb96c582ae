// SPDX-License-Identifier: GPL-3.0-or-later
// expect: INCORRECT_NUMERICAL "expected"; task dot
// No item waits for what the others put into local memory.
//@ launch dots grid(R) block(256) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    __shared__ float parts[256];
    const int l = threadIdx.x;
    const int row = blockIdx.x;
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
