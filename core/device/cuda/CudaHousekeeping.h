// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/CudaHandles.h"
#include "core/device/cuda/Nvrtc.h"

#include <map>

namespace ww {

/// Our own kernels beside a candidate's: they hold the device, evict its cache, tell whether memory was
/// changed and measure peaks.
class CudaHousekeeping {
public:
    /// Compiles and loads the kernels; fails when compiler or driver cannot.
    [[nodiscard]] static CudaResult<std::unique_ptr<CudaHousekeeping>> make(const CudaDevice &device,
                                                                            const Nvrtc &nvrtc);
    ~CudaHousekeeping();
    CudaHousekeeping(const CudaHousekeeping &) = delete;
    CudaHousekeeping &operator=(const CudaHousekeeping &) = delete;

    /// Queues reading at least `bytes`, and at least twice the L2, of memory of its own. Reading leaves clean
    /// lines behind: nothing is written back during the sample that follows.
    [[nodiscard]] CudaResult<void> flushCache(size_t bytes);

    /// Queues a kernel that keeps the stream from going on until release(), or for two seconds. It also takes
    /// the multiprocessor clock, for which it stays at least 20 µs.
    [[nodiscard]] CudaResult<void> hold();
    void release();
    /// The clock that the last hold() saw, MHz; valid once the stream has passed it.
    [[nodiscard]] float heldMhz() const;

    /// Memory whose digest is asked for (digestOf()); the address is a multiple of 8.
    struct Digested {
        CUdeviceptr data = 0;
        size_t bytes = 0;
        uint64_t key = 0;
    };
    /// The digests of these, once all that was queued before is done; an error of that shows here as `what`.
    [[nodiscard]] CudaResult<std::vector<uint64_t>> digests(const std::vector<Digested> &wanted,
                                                            const std::string &what);

    /// Copy bandwidth ("copy_gbps", read + written bytes), read bandwidth ("read_gbps"), float32 multiply-add
    /// throughput ("flops_f32_gflops"): each the best of several runs. And what the matrix units could do at
    /// the device's highest clock ("flops_f16_gflops", "flops_tf32_gflops", "flops_8bit_gflops").
    [[nodiscard]] CudaResult<std::map<std::string, double>> measurePeaks();

    /// The golden kernels: "read_us", "fma_us", each the best of a few runs, and "wrong": how many results
    /// were not what they must be.
    [[nodiscard]] CudaResult<std::map<std::string, double>> golden();

private:
    explicit CudaHousekeeping(const CudaDevice &device) : m_device(device) { }
    [[nodiscard]] CudaResult<void> prepare(const Nvrtc &nvrtc);
    [[nodiscard]] CudaResult<void> reserve(size_t bytes);
    [[nodiscard]] CudaResult<void> launch(CUfunction function, unsigned blocks, unsigned threads,
                                          std::vector<void *> arguments) const;
    [[nodiscard]] CudaResult<void> sweep(size_t bytes) const;
    [[nodiscard]] CudaResult<void> copy(CUdeviceptr from, CUdeviceptr to, size_t bytes) const;
    [[nodiscard]] CudaResult<void> multiplyAdd(unsigned count) const;
    [[nodiscard]] CudaResult<double> bestOf(int runs, const std::function<CudaResult<void>()> &queue) const;
    [[nodiscard]] CudaResult<double> wrongResults(float right) const;
    [[nodiscard]] unsigned sinkItems() const;

    /// Shared with the device: what release() writes and hold() reads, and the other way round.
    struct Mailbox {
        volatile uint32_t released;
        volatile uint64_t heldTicks;
        volatile uint64_t heldNs;
    };

    const CudaDevice &m_device;
    CudaModule m_module;
    CUfunction m_hold = nullptr, m_sweep = nullptr, m_copy = nullptr, m_multiplyAdd = nullptr,
               m_digest = nullptr;
    CudaMemory m_memory, m_sink;
    CudaEvent m_begin, m_end;
    Mailbox *m_mailbox = nullptr;
    CUdeviceptr m_mailboxAddress = 0;
    uint32_t m_ticket = 0;
};

} // namespace ww
