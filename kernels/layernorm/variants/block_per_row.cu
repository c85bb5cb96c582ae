// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row, neighbouring threads reading neighbouring elements; mean and variance are added up in
// shared memory one after the other. Three passes over the row.
//@ tune LANES = 128, 64, 256, 512, 1024
//@ launch layernorm grid(rows) block(LANES) args(X, gamma, beta, epsilon, Y, cols)

__device__ float sumOverBlock(float mine, float *partial)
{
    int lane = threadIdx.x;
    partial[lane] = mine;
    __syncthreads();
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        __syncthreads();
    }
    float sum = partial[0];
    __syncthreads();
    return sum;
}

extern "C" __global__ void __launch_bounds__(LANES)
    layernorm(const float *X, const float *gamma, const float *beta, float epsilon, float *Y, int cols)
{
    __shared__ float partial[LANES];
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;
    float first = x[0];

    float sum = 0.0f;
    for (int c = threadIdx.x; c < cols; c += LANES)
        sum += x[c] - first;
    float mean = sumOverBlock(sum, partial) / cols;
    float square = 0.0f;
    for (int c = threadIdx.x; c < cols; c += LANES)
        square += (x[c] - first - mean) * (x[c] - first - mean);
    float factor = rsqrtf(sumOverBlock(square, partial) / cols + epsilon);
    for (int c = threadIdx.x; c < cols; c += LANES)
        y[c] = gamma[c] * (factor * (x[c] - first - mean)) + beta[c];
}
