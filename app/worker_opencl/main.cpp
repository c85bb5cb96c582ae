// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildMain.h"
#include "core/device/WorkerArguments.h"
#include "core/device/opencl/ClBackend.h"

#include <cstdio>

int main(int argc, char **argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments.front() == "--child")
        return ww::childMain(ww::openClDriver(), arguments);
    if (!arguments.empty() && arguments.front() == "--drop-privileges")
        return ww::dropPrivilegesMain({arguments.begin() + 1, arguments.end()});
    const auto options = ww::parseWorkerArguments(arguments);
    if (!options) {
        std::fprintf(stderr, "%s\n", options.error().message().c_str());
        return 64;
    }
    if (options->help) {
        std::fputs(ww::workerUsage(), stdout);
        return 0;
    }
    return options->list ? ww::listMain(*options) : ww::superviseMain(*options);
}
