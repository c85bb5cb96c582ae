// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes a whole row. What the rows above, below, before and behind it are is decided once,
// so that the loop along x has no test and can become vector code. A row that is missing is replaced by the
// row itself with the weight zero.
//@ tune GROUP_Y = 4, 1, 2, 8, 16
//@ launch stencil3d grid(ceil_div(ny, GROUP_Y), nz) block(GROUP_Y) args(X, center, side, Y, nz, ny, nx)

__kernel void stencil3d(__global const float *X, float center, float side, __global float *Y, int nz, int ny,
                        int nx)
{
    int y = get_global_id(0);
    int z = get_global_id(1);
    if (y >= ny)
        return;
    int plane = nx * ny;
    int start = (z * ny + y) * nx;
    __global const float *x = X + start;
    __global const float *above = y > 0 ? x - nx : x;
    __global const float *below = y + 1 < ny ? x + nx : x;
    __global const float *before = z > 0 ? x - plane : x;
    __global const float *behind = z + 1 < nz ? x + plane : x;
    float byAbove = y > 0 ? side : 0.0f;
    float byBelow = y + 1 < ny ? side : 0.0f;
    float byBefore = z > 0 ? side : 0.0f;
    float byBehind = z + 1 < nz ? side : 0.0f;
    __global float *out = Y + start;

    for (int i = 1; i < nx - 1; ++i)
        out[i] = center * x[i] + side * (x[i - 1] + x[i + 1]) + byAbove * above[i] + byBelow * below[i]
            + byBefore * before[i] + byBehind * behind[i];
    // The two ends; one and the same in a row of one element.
    for (int i = 0; i < nx; i += max(nx - 1, 1)) {
        float left = i > 0 ? x[i - 1] : 0.0f;
        float right = i + 1 < nx ? x[i + 1] : 0.0f;
        out[i] = center * x[i] + side * (left + right) + byAbove * above[i] + byBelow * below[i]
            + byBefore * before[i] + byBehind * behind[i];
    }
}
