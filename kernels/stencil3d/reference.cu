// SPDX-License-Identifier: GPL-3.0-or-later
// The definition in double precision, one thread an element.
//@ launch stencil3d grid(ceil_div(nz * ny * nx, 256)) block(256) args(X, center, side, Y, nz, ny, nx)

extern "C" __global__ void stencil3d(const float *X, float center, float side, float *Y, int nz, int ny,
                                     int nx)
{
    int element = blockIdx.x * blockDim.x + threadIdx.x;
    int x = element % nx;
    int y = element / nx % ny;
    int z = element / nx / ny;
    if (z >= nz)
        return;
    int at = (z * ny + y) * nx + x;
    double sum = 0;
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
    Y[at] = (float)((double)center * X[at] + (double)side * sum);
}
