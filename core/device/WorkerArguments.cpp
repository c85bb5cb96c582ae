// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkerArguments.h"

#include <fmt/format.h>

#include <charconv>

namespace ww {
namespace {

tl::unexpected<Error> badArgument(std::string why)
{
    return failure(ErrorCode::BadInput, "cannot read the command line", std::move(why),
                   "--help shows the options");
}

Result<int> deviceNumber(const std::string &spec)
{
    const std::string_view prefix = "opencl:";
    int number = -1;
    const char *begin = spec.data() + std::min(prefix.size(), spec.size());
    const char *end = spec.data() + spec.size();
    const auto [rest, code] = std::from_chars(begin, end, number);
    if (!spec.starts_with(prefix) || code != std::errc() || rest != end || number < 0)
        return badArgument(fmt::format("'{}' is no device; write it as opencl:0", spec));
    return number;
}

} // namespace

Result<WorkerOptions> parseWorkerArguments(const std::vector<std::string> &arguments)
{
    WorkerOptions options;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string &name = arguments[i];
        if (name == "--help") {
            options.help = true;
        } else if (name == "--list") {
            options.list = true;
        } else if (name == "--no-sandbox") {
            options.sandbox = SandboxChoice::None;
        } else if ((name == "--device" || name == "--sandbox") && i + 1 < arguments.size()) {
            const std::string &value = arguments[++i];
            if (name == "--device") {
                WW_TRY(options.device, deviceNumber(value));
                continue;
            }
            const auto choice = sandboxChoiceFromName(value);
            if (!choice)
                return badArgument(fmt::format("'{}' is no sandbox: auto, bwrap, landlock or none", value));
            options.sandbox = *choice;
        } else {
            return badArgument(fmt::format("'{}' is not an option, or lacks its value", name));
        }
    }
    return options;
}

const char *workerUsage()
{
    return "Usage: warpwright-worker-opencl [options]\n"
           "Evaluates kernels on one OpenCL device. Speaks the worker protocol, one JSON message a line, on\n"
           "stdin and stdout; ends with stdin.\n"
           "  --device opencl:N   the N-th device (default: the first GPU, else the first)\n"
           "  --list              print the devices, one JSON line each, and end\n"
           "  --sandbox LEVEL     auto (default), bwrap, landlock or none\n"
           "  --no-sandbox        run kernels without any walls: they can do what you can do\n";
}

} // namespace ww
