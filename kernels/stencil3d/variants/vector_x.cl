// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item computes VEC neighbours along x with explicit vectors: the left and right neighbours are
// loads at an offset of one. Elements at the ends of a row are computed one by one.
//@ tune VEC = 4, 8, 16
//@ tune GROUP_X = 8, 1, 2, 4, 16
//@ tune GROUP_Y = 8, 1, 2, 4, 16
//@ launch stencil3d grid(ceil_div(nx, VEC * GROUP_X), ceil_div(ny, GROUP_Y), nz) block(GROUP_X, GROUP_Y) args(X, center, side, Y, nz, ny, nx)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define floatv JOIN(float, VEC)
#define vloadv JOIN(vload, VEC)
#define vstorev JOIN(vstore, VEC)

__kernel void stencil3d(__global const float *X, float center, float side, __global float *Y, int nz, int ny,
                        int nx)
{
    int x = get_global_id(0) * VEC;
    int y = get_global_id(1);
    int z = get_global_id(2);
    if (x >= nx || y >= ny)
        return;
    int plane = nx * ny;
    int at = (z * ny + y) * nx + x;
    // In the corner rows of the grid some neighbours are missing: they count as zero.
    float up = y > 0 ? 1.0f : 0.0f, down = y + 1 < ny ? 1.0f : 0.0f;
    float front = z > 0 ? 1.0f : 0.0f, back = z + 1 < nz ? 1.0f : 0.0f;
    int toUp = y > 0 ? -nx : 0, toDown = y + 1 < ny ? nx : 0;
    int toFront = z > 0 ? -plane : 0, toBack = z + 1 < nz ? plane : 0;

    if (x > 0 && x + VEC < nx) {
        floatv sum = vloadv(0, X + at - 1) + vloadv(0, X + at + 1);
        sum += up * vloadv(0, X + at + toUp) + down * vloadv(0, X + at + toDown);
        sum += front * vloadv(0, X + at + toFront) + back * vloadv(0, X + at + toBack);
        vstorev(center * vloadv(0, X + at) + side * sum, 0, Y + at);
        return;
    }
    for (int i = x; i < min(x + VEC, nx); ++i, ++at) {
        float sum = (i > 0 ? X[at - 1] : 0.0f) + (i + 1 < nx ? X[at + 1] : 0.0f);
        sum += up * X[at + toUp] + down * X[at + toDown] + front * X[at + toFront] + back * X[at + toBack];
        Y[at] = center * X[at] + side * sum;
    }
}
