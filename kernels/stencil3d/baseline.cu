// SPDX-License-Identifier: GPL-3.0-or-later
// One thread computes one element and looks at each neighbour, if there is one. The rows of all planes lie
// along the grid's first dimension, which alone may be long.
//@ launch stencil3d grid(ny * nz, ceil_div(nx, 128)) block(128) args(X, center, side, Y, nz, ny, nx)

extern "C" __global__ void stencil3d(const float *X, float center, float side, float *Y, int nz, int ny,
                                     int nx)
{
    int x = blockIdx.y * 128 + threadIdx.x;
    int y = blockIdx.x % ny;
    int z = blockIdx.x / ny;
    if (x >= nx)
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
