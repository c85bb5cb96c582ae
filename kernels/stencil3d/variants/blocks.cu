// SPDX-License-Identifier: GPL-3.0-or-later
// The baseline with blocks that extend along x, y and z: neighbours in y and z are then often read by another
// thread of the same block and still in the first-level cache.
//@ tune WIDTH = 32, 16, 64
//@ tune HEIGHT = 4, 2, 8
//@ tune DEPTH = 2, 1, 4, 8
//@ require WIDTH * HEIGHT * DEPTH <= 1024
//@ launch stencil3d grid(ceil_div(nz, DEPTH) * ceil_div(ny, HEIGHT), ceil_div(nx, WIDTH)) block(WIDTH, HEIGHT, DEPTH) args(X, center, side, Y, nz, ny, nx, ceil_div(ny, HEIGHT))

extern "C" __global__ void __launch_bounds__(WIDTH *HEIGHT *DEPTH)
    stencil3d(const float *__restrict__ X, float center, float side, float *__restrict__ Y, int nz, int ny,
              int nx, int blocksY)
{
    int x = blockIdx.y * WIDTH + threadIdx.x;
    int y = blockIdx.x % blocksY * HEIGHT + threadIdx.y;
    int z = blockIdx.x / blocksY * DEPTH + threadIdx.z;
    if (x >= nx || y >= ny || z >= nz)
        return;
    int at = (z * ny + y) * nx + x;
    float sum = 0;
    if (x > 0)
        sum += X[at - 1];
    if (x + 1 < nx)
        sum += X[at + 1];
    if (y > 0)
        sum += X[at - nx];
    if (y + 1 < ny)
        sum += X[at + nx];
    if (z > 0)
        sum += X[at - nx * ny];
    if (z + 1 < nz)
        sum += X[at + nx * ny];
    Y[at] = center * X[at] + side * sum;
}
