// SPDX-License-Identifier: GPL-3.0-or-later
// A thread walks along z through SPAN planes and keeps the elements before, here and behind in registers: two
// of the seven reads are saved, and the four others hit the first-level cache.
//@ tune SPAN = 16, 4, 8, 32, 64
//@ tune WIDTH = 32, 64, 128
//@ tune HEIGHT = 8, 2, 4, 16
//@ require WIDTH * HEIGHT <= 1024
//@ launch stencil3d grid(ceil_div(nz, SPAN) * ceil_div(ny, HEIGHT), ceil_div(nx, WIDTH)) block(WIDTH, HEIGHT) args(X, center, side, Y, nz, ny, nx, ceil_div(ny, HEIGHT))

extern "C" __global__ void __launch_bounds__(WIDTH *HEIGHT)
    stencil3d(const float *__restrict__ X, float center, float side, float *__restrict__ Y, int nz, int ny,
              int nx, int blocksY)
{
    int x = blockIdx.y * WIDTH + threadIdx.x;
    int y = blockIdx.x % blocksY * HEIGHT + threadIdx.y;
    int z = blockIdx.x / blocksY * SPAN;
    if (x >= nx || y >= ny)
        return;
    int plane = nx * ny;
    int end = min(z + SPAN, nz);
    int at = (z * ny + y) * nx + x;

    float before = z > 0 ? X[at - plane] : 0.0f;
    float here = X[at];
#pragma unroll 4
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
