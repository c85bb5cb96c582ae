// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaDevice.h"

#include <string>
#include <vector>

namespace ww {

/// One call of the vendor's matrix library with its arguments, ready to be queued.
struct CudaBlasCall {
    std::string name; ///< of LibraryCalls.h
    CUdeviceptr a = 0, b = 0, c = 0;
    int m = 0, n = 0, k = 0;
};

/// cuBLAS as found on this machine, with a handle on the device's stream. It is opened at the first need of
/// it, once in a process, which works on one device; the handle lasts as long as the process.
class CudaBlas {
public:
    /// Fails, with the remedy, where the library is missing or does not start.
    [[nodiscard]] static CudaResult<const CudaBlas *> open(const CudaDevice &device);

    /// Queues the call.
    [[nodiscard]] CudaResult<void> call(const CudaBlasCall &call) const;

private:
    CudaBlas() = default;
    [[nodiscard]] CudaResult<void> start(const CudaDevice &device);
    [[nodiscard]] CudaResult<void> checked(int status, const std::string &what) const;

    SharedLibrary m_library;
    void *m_handle = nullptr;
    int (*m_create)(void **handle) = nullptr;
    int (*m_setStream)(void *handle, CUstream stream) = nullptr;
    const char *(*m_statusName)(int status) = nullptr;
    int (*m_gemm)(void *handle, int opA, int opB, int m, int n, int k, const void *alpha, CUdeviceptr a,
                  int typeA, int lda, CUdeviceptr b, int typeB, int ldb, const void *beta, CUdeviceptr c,
                  int typeC, int ldc, int compute, int algorithm) = nullptr;
};

} // namespace ww
