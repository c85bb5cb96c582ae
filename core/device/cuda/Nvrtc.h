// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/device/cuda/SharedLibrary.h"

#include <nvrtc.h>

#include <string>
#include <vector>

namespace ww {

/// The name under which NVRTC compiles every source; it stands in messages and line tables.
constexpr const char *kCudaSourceName = "candidate.cu";

/// NVIDIA's run-time compiler as found on this machine; needs no driver and no GPU.
class Nvrtc {
public:
    /// Looks in the usual places of a CUDA Toolkit, then where the loader looks. NotFound says what to
    /// install.
    [[nodiscard]] static Result<Nvrtc> load();

    /// "NVRTC 13.0".
    [[nodiscard]] const std::string &version() const { return m_version; }
    /// Architectures it makes machine code for: 75, 80, … Only those with known limits (analysis).
    [[nodiscard]] const std::vector<int> &architectures() const { return m_architectures; }
    /// Folder with cuda_fp16.h and the like; empty where only the library is installed.
    [[nodiscard]] const std::string &includeFolder() const { return m_includeFolder; }

    /// What one compilation gives. Without machine code `log` says why.
    struct Output {
        nvrtcResult status = NVRTC_SUCCESS;
        std::string log;
        std::string cubin;
        std::string ptx;
    };
    /// Compiles a source to machine code.
    [[nodiscard]] Output compile(const std::string &source, const std::vector<std::string> &options) const;
    /// NVRTC's name of a status, such as "NVRTC_ERROR_COMPILATION".
    [[nodiscard]] std::string nameOf(nvrtcResult status) const { return m_getErrorString(status); }

private:
    [[nodiscard]] bool resolveAll();
    void readFacts();

    SharedLibrary m_library;
    std::string m_version;
    std::string m_includeFolder;
    std::vector<int> m_architectures;
    decltype(&nvrtcVersion) m_getVersion = nullptr;
    decltype(&nvrtcGetErrorString) m_getErrorString = nullptr;
    decltype(&nvrtcGetNumSupportedArchs) m_getNumSupportedArchs = nullptr;
    decltype(&nvrtcGetSupportedArchs) m_getSupportedArchs = nullptr;
    decltype(&nvrtcCreateProgram) m_createProgram = nullptr;
    decltype(&nvrtcDestroyProgram) m_destroyProgram = nullptr;
    decltype(&nvrtcCompileProgram) m_compileProgram = nullptr;
    decltype(&nvrtcGetProgramLogSize) m_getLogSize = nullptr;
    decltype(&nvrtcGetProgramLog) m_getLog = nullptr;
    decltype(&nvrtcGetCUBINSize) m_getCubinSize = nullptr;
    decltype(&nvrtcGetCUBIN) m_getCubin = nullptr;
    decltype(&nvrtcGetPTXSize) m_getPtxSize = nullptr;
    decltype(&nvrtcGetPTX) m_getPtx = nullptr;
};

} // namespace ww
