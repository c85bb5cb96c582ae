// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/worker/WorkerClient.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace ww {
namespace {

bool isNumber(std::string_view text)
{
    return !text.empty() && text.size() <= 3
        && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The first CUDA device where the driver shows one and its worker is there, else OpenCL (cli.md).
std::string defaultBackend()
{
    std::error_code error;
    for (int i = 0; i < 16; ++i) {
        if (std::filesystem::exists(fmt::format("/dev/nvidia{}", i), error))
            return findExecutable("warpwright-worker-cuda") ? "cuda" : "opencl";
    }
    return "opencl";
}

} // namespace

Result<WorkerSpec> localWorker(const std::string &deviceSpec, bool noSandbox)
{
    const size_t colon = deviceSpec.find(':');
    const std::string backend = deviceSpec.empty() ? defaultBackend() : deviceSpec.substr(0, colon);
    const std::string device = colon == std::string::npos ? "" : deviceSpec.substr(colon + 1);
    const std::string what = fmt::format("cannot use device '{}'", deviceSpec);
    if (backend != "opencl" && backend != "cuda")
        return failure(ErrorCode::Unsupported, what, fmt::format("there is no '{}' backend", backend),
                       "Name a device such as opencl:0 or cuda:0; 'warpwright-cli doctor' lists them");
    const bool architecture = backend == "cuda" && device.starts_with("sm_") && isNumber(device.substr(3));
    if (colon != std::string::npos && !isNumber(device) && !architecture)
        return failure(ErrorCode::BadInput, what, "what follows the colon is not a device number",
                       fmt::format("Write it as {}:0{}", backend,
                                   backend == "cuda" ? ", or as cuda:sm_90 to compile only" : ""));
    WW_TRY(const std::string program, findExecutable("warpwright-worker-" + backend));
    WorkerSpec spec;
    spec.command = {program};
    if (!device.empty())
        spec.command.insert(spec.command.end(), {"--device", deviceSpec});
    if (noSandbox)
        spec.command.push_back("--no-sandbox");
    spec.label = deviceSpec.empty() ? backend : deviceSpec;
    return spec;
}

std::string languageOf(const WorkerSpec &spec)
{
    constexpr std::string_view kCuda = "warpwright-worker-cuda";
    const bool cuda = std::any_of(spec.command.begin(), spec.command.end(), [&](const std::string &word) {
        return word.find(kCuda) != std::string::npos;
    });
    return cuda ? "cuda" : "opencl";
}

Result<WorkerSpec> workerFromCommand(const std::string &commandLine)
{
    WorkerSpec spec;
    spec.label = commandLine;
    std::string word;
    bool inWord = false;
    char quote = 0;
    for (size_t i = 0; i < commandLine.size(); ++i) {
        const char c = commandLine[i];
        if (quote != 0) {
            if (c == quote)
                quote = 0;
            else if (c == '\\' && quote == '"' && i + 1 < commandLine.size())
                word += commandLine[++i];
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            inWord = true;
        } else if (c == '\\' && i + 1 < commandLine.size()) {
            word += commandLine[++i];
            inWord = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (inWord)
                spec.command.push_back(std::exchange(word, {}));
            inWord = false;
        } else {
            word += c;
            inWord = true;
        }
    }
    if (inWord)
        spec.command.push_back(word);
    if (quote != 0 || spec.command.empty())
        return failure(ErrorCode::BadInput, fmt::format("cannot read the worker command '{}'", commandLine),
                       quote != 0 ? "a quote is not closed" : "it is empty",
                       "Write it as in a shell, e.g. 'ssh node1 warpwright-worker-opencl'");
    return spec;
}

} // namespace ww
