// SPDX-License-Identifier: GPL-3.0-or-later
// A block walks along z with one plane of its tile in shared memory, edges included, and the planes before
// and behind in registers: an element is read from global memory about once. Two tiles in turn need one
// barrier a plane instead of two.
//@ tune WIDTH = 32, 64
//@ tune HEIGHT = 8, 4, 16
//@ tune SPAN = 16, 4, 8, 32, 64
//@ launch stencil3d grid(ceil_div(nz, SPAN) * ceil_div(ny, HEIGHT), ceil_div(nx, WIDTH)) block(WIDTH, HEIGHT) args(X, center, side, Y, nz, ny, nx, ceil_div(ny, HEIGHT))

extern "C" __global__ void __launch_bounds__(WIDTH *HEIGHT)
    stencil3d(const float *__restrict__ X, float center, float side, float *__restrict__ Y, int nz, int ny,
              int nx, int blocksY)
{
    __shared__ float tiles[2][HEIGHT + 2][WIDTH + 2];
    int localX = threadIdx.x + 1;
    int localY = threadIdx.y + 1;
    int x = blockIdx.y * WIDTH + threadIdx.x;
    int y = blockIdx.x % blocksY * HEIGHT + threadIdx.y;
    int z = blockIdx.x / blocksY * SPAN;
    int plane = nx * ny;
    int end = min(z + SPAN, nz);
    bool inside = x < nx && y < ny;
    int at = (z * ny + y) * nx + x;

    float before = inside && z > 0 ? X[at - plane] : 0.0f;
    float here = inside ? X[at] : 0.0f;
    for (; z < end; ++z, at += plane) {
        float(*tile)[WIDTH + 2] = tiles[z % 2];
        float behind = inside && z + 1 < nz ? X[at + plane] : 0.0f;
        tile[localY][localX] = here;
        if (localX == 1)
            tile[localY][0] = x > 0 && x <= nx && y < ny ? X[at - 1] : 0.0f;
        if (localX == WIDTH)
            tile[localY][WIDTH + 1] = x + 1 < nx && y < ny ? X[at + 1] : 0.0f;
        if (localY == 1)
            tile[0][localX] = y > 0 && y <= ny && x < nx ? X[at - nx] : 0.0f;
        if (localY == HEIGHT)
            tile[HEIGHT + 1][localX] = y + 1 < ny && x < nx ? X[at + nx] : 0.0f;
        __syncthreads();
        float sum = before + behind;
        sum += tile[localY][localX - 1] + tile[localY][localX + 1];
        sum += tile[localY - 1][localX] + tile[localY + 1][localX];
        if (inside)
            Y[at] = center * here + side * sum;
        before = here;
        here = behind;
    }
}
