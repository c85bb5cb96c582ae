// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes one element and looks at each neighbour, if there is one.
//@ launch stencil3d grid(ceil_div(nx, 16), ceil_div(ny, 8), nz) block(16, 8) args(X, center, side, Y, nz, ny, nx)

__kernel void stencil3d(__global const float *X, float center, float side, __global float *Y, int nz, int ny,
                        int nx)
{
    int x = get_global_id(0);
    int y = get_global_id(1);
    int z = get_global_id(2);
    if (x >= nx || y >= ny)
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
