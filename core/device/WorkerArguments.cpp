// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/WorkerArguments.h"

#include <fmt/format.h>

namespace ww {
namespace {

tl::unexpected<Error> badArgument(std::string why)
{
    return failure(ErrorCode::BadInput, "cannot read the command line", std::move(why),
                   "--help shows the options");
}

/// Only the form is checked: which devices there are is known later.
Status checkDevice(const std::string &backend, const std::string &spec)
{
    const std::string prefix = backend + ":";
    if (!spec.starts_with(prefix) || spec.size() == prefix.size())
        return badArgument(fmt::format("'{}' is no device of this worker; write it as {}:0", spec, backend));
    return {};
}

} // namespace

Result<WorkerOptions> parseWorkerArguments(const std::string &backend,
                                           const std::vector<std::string> &arguments)
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
                WW_CHECK(checkDevice(backend, value));
                options.device = value;
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

std::string workerUsage(const std::string &backend)
{
    return fmt::format(
        "Usage: warpwright-worker-{0} [options]\n"
        "Evaluates kernels on one {0} device. Speaks the worker protocol, one JSON message a line, on\n"
        "stdin and stdout; ends with stdin.\n"
        "  --device {0}:N      the N-th device (default: the first GPU, else the first){1}\n"
        "  --list              print the devices, one JSON line each, and end\n"
        "  --sandbox LEVEL     auto (default), bwrap, landlock or none\n"
        "  --no-sandbox        run kernels without any walls: they can do what you can do\n",
        backend,
        backend == "cuda"
            ? ";\n                      cuda:sm_90 compiles for an architecture, no device needed"
            : "");
}

} // namespace ww
