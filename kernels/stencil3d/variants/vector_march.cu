// SPDX-License-Identifier: GPL-3.0-or-later
// As march_z with four neighbours along x a thread: 16-byte loads and stores where rows are aligned, and half
// of the neighbours in x already in the thread's own registers.
//@ tune SPAN = 8, 4, 16, 32
//@ tune WIDTH = 32, 8, 16
//@ tune HEIGHT = 4, 2, 8, 16
//@ launch stencil3d grid(ceil_div(nz, SPAN) * ceil_div(ny, HEIGHT), ceil_div(nx, 4 * WIDTH)) block(WIDTH, HEIGHT) args(X, center, side, Y, nz, ny, nx, ceil_div(ny, HEIGHT))

// Four neighbours, of which `left` exist; the others are zero.
__device__ float4 loadFour(const float *at, int left, bool aligned)
{
    if (aligned && left >= 4)
        return *(const float4 *)at;
    return make_float4(left > 0 ? at[0] : 0.0f, left > 1 ? at[1] : 0.0f, left > 2 ? at[2] : 0.0f,
                       left > 3 ? at[3] : 0.0f);
}

extern "C" __global__ void __launch_bounds__(WIDTH *HEIGHT)
    stencil3d(const float *__restrict__ X, float center, float side, float *__restrict__ Y, int nz, int ny,
              int nx, int blocksY)
{
    int x = (blockIdx.y * WIDTH + threadIdx.x) * 4;
    int y = blockIdx.x % blocksY * HEIGHT + threadIdx.y;
    int z = blockIdx.x / blocksY * SPAN;
    if (x >= nx || y >= ny)
        return;
    int plane = nx * ny;
    int end = min(z + SPAN, nz);
    int left = nx - x;
    bool aligned = nx % 4 == 0;
    const float *at = X + (z * ny + y) * nx + x;
    float *to = Y + (z * ny + y) * nx + x;

    float4 before = loadFour(at - plane, z > 0 ? left : 0, aligned);
    float4 here = loadFour(at, left, aligned);
    for (; z < end; ++z, at += plane, to += plane) {
        float4 behind = loadFour(at + plane, z + 1 < nz ? left : 0, aligned);
        float4 above = loadFour(at - nx, y > 0 ? left : 0, aligned);
        float4 below = loadFour(at + nx, y + 1 < ny ? left : 0, aligned);
        float west = x > 0 ? at[-1] : 0.0f;
        float east = left > 4 ? at[4] : 0.0f;
        float4 result;
        result.x = center * here.x + side * (before.x + behind.x + above.x + below.x + west + here.y);
        result.y = center * here.y + side * (before.y + behind.y + above.y + below.y + here.x + here.z);
        result.z = center * here.z + side * (before.z + behind.z + above.z + below.z + here.y + here.w);
        result.w = center * here.w + side * (before.w + behind.w + above.w + below.w + here.z + east);
        if (aligned && left >= 4) {
            *(float4 *)to = result;
        } else {
            const float each[4] = {result.x, result.y, result.z, result.w};
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                if (i < left)
                    to[i] = each[i];
            }
        }
        before = here;
        here = behind;
    }
}
