// SPDX-License-Identifier: GPL-3.0-or-later
// A block shares a row, neighbouring threads reading neighbouring elements; maximum and sum are combined in
// shared memory, halving the number of partners each time. Still three passes over the row.
//@ tune LANES = 128, 64, 256, 512, 1024
//@ launch softmax grid(rows) block(LANES) args(X, scale, Y, cols)

extern "C" __global__ void __launch_bounds__(LANES) softmax(const float *X, float scale, float *Y, int cols)
{
    __shared__ float partial[LANES];
    int lane = threadIdx.x;
    const float *x = X + (size_t)blockIdx.x * cols;
    float *y = Y + (size_t)blockIdx.x * cols;

    float largest = scale * x[0];
    for (int c = lane; c < cols; c += LANES)
        largest = fmaxf(largest, scale * x[c]);
    partial[lane] = largest;
    __syncthreads();
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] = fmaxf(partial[lane], partial[lane + reach]);
        __syncthreads();
    }
    largest = partial[0];
    __syncthreads();

    float sum = 0.0f;
    for (int c = lane; c < cols; c += LANES)
        sum += expf(scale * x[c] - largest);
    partial[lane] = sum;
    __syncthreads();
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        if (lane < reach)
            partial[lane] += partial[lane + reach];
        __syncthreads();
    }

    float factor = 1.0f / partial[0];
    for (int c = lane; c < cols; c += LANES)
        y[c] = factor * expf(scale * x[c] - largest);
}
