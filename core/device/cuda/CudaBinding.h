// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/BufferLayout.h"
#include "core/device/cuda/CudaHousekeeping.h"
#include "core/device/cuda/CudaInputs.h"
#include "core/device/cuda/CudaLaunch.h"
#include "core/device/cuda/CudaReturned.h"

#include <array>
#include <map>

namespace ww {

/// A program as a runner holds it.
struct LoadedCudaProgram {
    CudaModule module;
    std::map<std::string, CudaKernelShape> kernels; ///< by the plan's name
};

/// One buffer between its red zones: `whole` holds shift, zone, data, zone.
struct CudaGuardedBuffer {
    BufferSpec spec;
    CudaMemory whole;
    [[nodiscard]] size_t dataOffset() const;
    [[nodiscard]] CUdeviceptr data() const { return whole.address() + dataOffset(); }
};

/// What outlives a binding in its runner.
struct CudaBench {
    const CudaDevice &device;
    CudaHousekeeping &housekeeping;
    CudaInputs &inputs;
    CudaReturned &returned;
};

/// One workload laid out on the device: guarded buffers and the launches of each seat.
class CudaBinding {
public:
    /// Makes the buffers, fills red zones and inputs, sets all arguments. `programs` are indexed by Seat and
    /// may be null where the request has no plan.
    [[nodiscard]] static CudaResult<std::unique_ptr<CudaBinding>>
    make(const CudaBench &bench, const BindRequest &request, std::vector<OwnedFd> fds,
         const std::array<const LoadedCudaProgram *, 2> &programs);

    /// The launches of a run, with the arguments of its set of data; empty when the seat has no plan.
    [[nodiscard]] CudaResult<const std::vector<CudaLaunch> *> launches(const CudaDevice &device, PlanRun run);

    /// Queues filling outputs and the seat's scratch with the byte, scratch that is declared so with zeros.
    [[nodiscard]] CudaResult<void> poison(const CudaDevice &device, Seat seat, uint8_t byte) const;
    /// Copies outputs and all red zones to a slot of the memory shared with the supervisor; gives the digests
    /// of the inputs of the last run's set, in order.
    [[nodiscard]] CudaResult<std::vector<uint64_t>> giveBack(const CudaBench &bench, uint32_t slot) const;

private:
    CudaBinding() = default;
    CudaResult<void> addBuffer(const CudaDevice &device, const BufferSpec &spec, uint64_t redZoneKey);
    /// Puts the bytes of each input in place: those of `memory`, in order, unless the device has them.
    CudaResult<void> fillInputs(const CudaBench &bench, std::vector<OwnedFd> memory);
    [[nodiscard]] CudaHousekeeping::Digested digested(const CudaGuardedBuffer &buffer) const;
    CudaResult<void> addLaunches(const CudaDevice &device, const ResolvedPlan &plan, Seat seat,
                                 const LoadedCudaProgram *program, const std::vector<ScalarSpec> &scalars);
    /// A call of the vendor's library, which opens it.
    CudaResult<CudaLaunch> libraryLaunch(const CudaDevice &device, const ResolvedLaunch &planned,
                                         Seat seat) const;
    CudaResult<CudaArgument> argument(const CudaDevice &device, const ResolvedPlan &plan,
                                      const ResolvedLaunch::Arg &arg, const PtxParameter &parameter,
                                      Seat seat, const std::vector<ScalarSpec> &scalars) const;
    /// Lets an argument point into this buffer.
    static CudaResult<void> point(const CudaDevice &device, CudaArgument &argument,
                                  const CudaGuardedBuffer &buffer);
    [[nodiscard]] const CudaGuardedBuffer *find(const std::string &name, Seat seat, uint32_t set) const;

    std::vector<CudaGuardedBuffer> m_buffers;
    std::array<std::vector<CudaLaunch>, 2> m_launches;
    std::array<uint32_t, 2> m_set {}; ///< whose inputs the launches of each seat have as arguments
    uint32_t m_lastSet = 0;
    BufferLayout m_layout;
};

} // namespace ww
