// SPDX-License-Identifier: GPL-3.0-or-later
// expect: PASSED; task dot
//@ launch dots grid(R) block(64) args(X, w, y, C)

extern "C" __global__ void dots(const float *X, const float *w, float *y, int terms)
{
    __shared__ float parts[64];
    const int l = threadIdx.x;
    const int row = blockIdx.x;
    float sum = 0.0f;
    for (int c = l; c < terms; c += 64)
        sum += X[row * terms + c] * w[c];
    parts[l] = sum;
    __syncthreads();
    for (int s = 32; s > 0; s /= 2) {
        if (l < s)
            parts[l] += parts[l + s];
        __syncthreads();
    }
    if (l == 0)
        y[row] = parts[0];
}
