// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/Cupti.h"

#include "core/device/cuda/CudaToolkit.h"

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace ww {
namespace {

std::vector<std::string> libraryPaths()
{
    return toolkitLibraries({"libcupti.so.13", "libcupti.so.12", "libcupti.so"});
}

} // namespace

bool Cupti::installed()
{
    const std::vector<std::string> paths = libraryPaths();
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string &path) { return ::access(path.c_str(), R_OK) == 0; });
}

Result<Cupti> Cupti::load()
{
    const char *what = "the kernel cannot be traced or profiled";
    const char *remedy = "Install the CUDA Toolkit 12.6 or later with its CUPTI (cuda-cupti-13-0) where the "
                         "worker runs";
    Cupti cupti;
    cupti.m_library = SharedLibrary::open(libraryPaths());
    if (!cupti.m_library.isOpen())
        return failure(ErrorCode::NotFound, what, cupti.m_library.problem(), remedy);
    bool complete = true;
#define WW_CUPTI_RESOLVE(name) complete = complete && cupti.m_library.resolve(cupti.name, #name);
    WW_CUPTI_FUNCTIONS(WW_CUPTI_RESOLVE)
#undef WW_CUPTI_RESOLVE
    if (!complete)
        return failure(ErrorCode::Unsupported, what, "libcupti: " + cupti.m_library.problem(), remedy);
    return cupti;
}

std::string Cupti::describe(CUptiResult result) const
{
    if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES
        || result == CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES)
        return "the driver refuses its counters to this user (ERR_NVGPUCTRPERM): the machine's owner can "
               "load "
               "the nvidia module with NVreg_RestrictProfilingToAdminUsers=0; a report of ncu can be read "
               "with "
               "'import ncu' instead";
    const char *words = nullptr;
    cuptiGetResultString(result, &words);
    return fmt::format("{} ({})", words ? words : "unknown error", static_cast<int>(result));
}

} // namespace ww
