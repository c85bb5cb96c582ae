// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkerMain.h"
#include "core/device/cuda/CudaBackend.h"

int main(int argc, char **argv)
{
    return ww::workerMain(ww::cudaDriver(), {argv + 1, argv + argc});
}
