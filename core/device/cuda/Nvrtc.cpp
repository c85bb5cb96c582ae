// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/Nvrtc.h"

#include "core/analysis/CudaArchitecture.h"
#include "core/device/cuda/CudaToolkit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <dlfcn.h>

namespace ww {
namespace {

namespace fs = std::filesystem;

/// The headers that belong to a library file: beside its folder, or in the usual place.
std::string includeFolderOf(const std::string &library)
{
    std::error_code code;
    const fs::path folder = fs::path(library).parent_path();
    const std::array places {folder / "../include", folder / "../../include", folder / "../../../include",
                             fs::canonical(library, code).parent_path() / "../include",
                             fs::path("/usr/local/cuda/include")};
    for (const fs::path &place : places) {
        if (fs::exists(place / "cuda_fp16.h", code))
            return fs::canonical(place, code).string();
    }
    return {};
}

} // namespace

bool Nvrtc::resolveAll()
{
    return m_library.resolve(m_getVersion, "nvrtcVersion")
        && m_library.resolve(m_getErrorString, "nvrtcGetErrorString")
        && m_library.resolve(m_getNumSupportedArchs, "nvrtcGetNumSupportedArchs")
        && m_library.resolve(m_getSupportedArchs, "nvrtcGetSupportedArchs")
        && m_library.resolve(m_createProgram, "nvrtcCreateProgram")
        && m_library.resolve(m_destroyProgram, "nvrtcDestroyProgram")
        && m_library.resolve(m_compileProgram, "nvrtcCompileProgram")
        && m_library.resolve(m_getLogSize, "nvrtcGetProgramLogSize")
        && m_library.resolve(m_getLog, "nvrtcGetProgramLog")
        && m_library.resolve(m_getCubinSize, "nvrtcGetCUBINSize")
        && m_library.resolve(m_getCubin, "nvrtcGetCUBIN")
        && m_library.resolve(m_getPtxSize, "nvrtcGetPTXSize") && m_library.resolve(m_getPtx, "nvrtcGetPTX");
}

Result<Nvrtc> Nvrtc::load()
{
    const char *what = "the CUDA compiler cannot be used";
    const char *remedy =
        "Install the CUDA Toolkit 12 or 13 (its libnvrtc and headers), in /usr/local/cuda or where "
        "the loader finds it";
    Nvrtc nvrtc;
    nvrtc.m_library =
        SharedLibrary::open(toolkitLibraries({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"}));
    if (!nvrtc.m_library.isOpen())
        return failure(ErrorCode::NotFound, what, nvrtc.m_library.problem(), remedy);
    if (!nvrtc.resolveAll())
        return failure(ErrorCode::Unsupported, what, "libnvrtc: " + nvrtc.m_library.problem(), remedy);
    nvrtc.readFacts();
    return nvrtc;
}

void Nvrtc::readFacts()
{
    int major = 0, minor = 0;
    m_getVersion(&major, &minor);
    m_version = fmt::format("NVRTC {}.{}", major, minor);
    int count = 0;
    m_getNumSupportedArchs(&count);
    m_architectures.resize(static_cast<size_t>(std::max(count, 0)));
    m_getSupportedArchs(m_architectures.data());
    std::erase_if(m_architectures, [](int number) { return !cudaArchitecture(number); });
    Dl_info place {};
    if (::dladdr(reinterpret_cast<void *>(m_getVersion), &place) != 0 && place.dli_fname)
        m_includeFolder = includeFolderOf(place.dli_fname);
}

Nvrtc::Output Nvrtc::compile(const std::string &source, const std::vector<std::string> &options) const
{
    Output output;
    nvrtcProgram program = nullptr;
    output.status = m_createProgram(&program, source.c_str(), kCudaSourceName, 0, nullptr, nullptr);
    if (output.status != NVRTC_SUCCESS)
        return output;
    std::vector<const char *> texts;
    texts.reserve(options.size());
    for (const std::string &option : options)
        texts.push_back(option.c_str());
    output.status = m_compileProgram(program, static_cast<int>(texts.size()), texts.data());
    const auto take = [&](auto getSize, auto get) {
        size_t bytes = 0;
        if (getSize(program, &bytes) != NVRTC_SUCCESS || bytes == 0)
            return std::string();
        std::string text(bytes, '\0');
        return get(program, text.data()) == NVRTC_SUCCESS ? text : std::string();
    };
    // Both texts end in a NUL that counts towards their size.
    const auto withoutEnd = [](std::string text) {
        text.resize(std::min(text.find('\0'), text.size()));
        return text;
    };
    output.log = withoutEnd(take(m_getLogSize, m_getLog));
    if (output.status == NVRTC_SUCCESS) {
        output.cubin = take(m_getCubinSize, m_getCubin);
        output.ptx = withoutEnd(take(m_getPtxSize, m_getPtx));
    }
    m_destroyProgram(&program);
    return output;
}

} // namespace ww
