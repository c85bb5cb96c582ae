// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaLaunch.h"

#include <utility>

namespace ww {

/// The launches of a plan as one CUDA graph that the device replays.
class CudaGraph {
public:
    /// Captures the launches and makes them ready to run; fails where one cannot be part of a graph.
    [[nodiscard]] static CudaResult<CudaGraph> capture(const CudaDevice &device,
                                                       const std::vector<CudaLaunch> &launches);
    ~CudaGraph();
    CudaGraph(CudaGraph &&other) noexcept { *this = std::move(other); }
    CudaGraph &operator=(CudaGraph &&other) noexcept
    {
        std::swap(m_device, other.m_device);
        std::swap(m_runnable, other.m_runnable);
        return *this;
    }
    CudaGraph(const CudaGraph &) = delete;
    CudaGraph &operator=(const CudaGraph &) = delete;

    /// Queues one replay.
    [[nodiscard]] CudaResult<void> launch() const;

private:
    CudaGraph() = default;
    const CudaDevice *m_device = nullptr;
    CUgraphExec m_runnable = nullptr;
};

} // namespace ww
