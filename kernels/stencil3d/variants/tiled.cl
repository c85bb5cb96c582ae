// SPDX-License-Identifier: GPL-3.0-or-later
// A group walks along z with one plane of its tile in local memory, edges included, and the planes before and
// behind in registers: an element is read from global memory about once.
//@ tune TILE_X = 32, 16, 64
//@ tune TILE_Y = 4, 2, 8
//@ tune SPAN = 16, 4, 8, 32, 64
//@ require TILE_X * TILE_Y <= 256
//@ launch stencil3d grid(ceil_div(nx, TILE_X), ceil_div(ny, TILE_Y), ceil_div(nz, SPAN)) block(TILE_X, TILE_Y) args(X, center, side, Y, nz, ny, nx)

__kernel void stencil3d(__global const float *X, float center, float side, __global float *Y, int nz, int ny,
                        int nx)
{
    __local float tile[TILE_Y + 2][TILE_X + 2];
    int localX = get_local_id(0) + 1;
    int localY = get_local_id(1) + 1;
    int x = get_global_id(0);
    int y = get_global_id(1);
    int z = get_group_id(2) * SPAN;
    int plane = nx * ny;
    int end = min(z + SPAN, nz);
    bool inside = x < nx && y < ny;
    int at = (z * ny + y) * nx + x;

    float before = inside && z > 0 ? X[at - plane] : 0.0f;
    float here = inside ? X[at] : 0.0f;
    for (; z < end; ++z, at += plane) {
        float behind = inside && z + 1 < nz ? X[at + plane] : 0.0f;
        tile[localY][localX] = here;
        if (localX == 1)
            tile[localY][0] = x > 0 && x <= nx && y < ny ? X[at - 1] : 0.0f;
        if (localX == TILE_X)
            tile[localY][TILE_X + 1] = x + 1 < nx && y < ny ? X[at + 1] : 0.0f;
        if (localY == 1)
            tile[0][localX] = y > 0 && y <= ny && x < nx ? X[at - nx] : 0.0f;
        if (localY == TILE_Y)
            tile[TILE_Y + 1][localX] = y + 1 < ny && x < nx ? X[at + nx] : 0.0f;
        barrier(CLK_LOCAL_MEM_FENCE);
        float sum = before + behind;
        sum += tile[localY][localX - 1] + tile[localY][localX + 1];
        sum += tile[localY - 1][localX] + tile[localY + 1][localX];
        if (inside)
            Y[at] = center * here + side * sum;
        barrier(CLK_LOCAL_MEM_FENCE);
        before = here;
        here = behind;
    }
}
