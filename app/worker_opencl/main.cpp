// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkerMain.h"
#include "core/device/opencl/ClBackend.h"

int main(int argc, char **argv)
{
    return ww::workerMain(ww::openClDriver(), {argv + 1, argv + argc});
}
