// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkerMain.h"

#include "core/device/ChildMain.h"
#include "core/device/WorkerArguments.h"

#include <cstdio>

namespace ww {

int workerMain(const BackendDriver &driver, const std::vector<std::string> &arguments)
{
    if (!arguments.empty() && arguments.front() == "--child")
        return childMain(driver, arguments);
    if (!arguments.empty() && arguments.front() == "--drop-privileges")
        return dropPrivilegesMain({arguments.begin() + 1, arguments.end()});
    const auto options = parseWorkerArguments(driver.name, arguments);
    if (!options) {
        std::fprintf(stderr, "%s\n", options.error().message().c_str());
        return 64;
    }
    if (options->help) {
        std::fputs(workerUsage(driver.name).c_str(), stdout);
        return 0;
    }
    return options->list ? listMain(*options) : superviseMain(*options);
}

} // namespace ww
