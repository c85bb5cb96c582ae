// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "launch"
extern "C" __global__ void twice(float *y)
{
}
