// SPDX-License-Identifier: GPL-3.0-or-later
// One work-item walks along z through SPAN planes and keeps the elements before, here and behind in
// registers: two of the seven reads are saved. Neighbouring items walk side by side.
//@ tune SPAN = 16, 4, 8, 32, 64
//@ tune GROUP_X = 32, 8, 16, 64
//@ tune GROUP_Y = 4, 1, 2, 8
//@ require GROUP_X * GROUP_Y <= 256
//@ launch stencil3d grid(ceil_div(nx, GROUP_X), ceil_div(ny, GROUP_Y), ceil_div(nz, SPAN)) block(GROUP_X, GROUP_Y) args(X, center, side, Y, nz, ny, nx)

__kernel void stencil3d(__global const float *X, float center, float side, __global float *Y, int nz, int ny,
                        int nx)
{
    int x = get_global_id(0);
    int y = get_global_id(1);
    int z = get_group_id(2) * SPAN;
    if (x >= nx || y >= ny)
        return;
    int plane = nx * ny;
    int end = min(z + SPAN, nz);
    int at = (z * ny + y) * nx + x;

    float before = z > 0 ? X[at - plane] : 0.0f;
    float here = X[at];
    for (; z < end; ++z, at += plane) {
        float behind = z + 1 < nz ? X[at + plane] : 0.0f;
        float sum = before + behind;
        sum += x > 0 ? X[at - 1] : 0.0f;
        sum += x + 1 < nx ? X[at + 1] : 0.0f;
        sum += y > 0 ? X[at - nx] : 0.0f;
        sum += y + 1 < ny ? X[at + nx] : 0.0f;
        Y[at] = center * here + side * sum;
        before = here;
        here = behind;
    }
}
