// SPDX-License-Identifier: GPL-3.0-or-later
// expect: REJECTED "launch"
__kernel void twice(__global float *y)
{
}
