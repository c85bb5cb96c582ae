// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/BufferLayout.h"
#include "core/device/SharedMemory.h"
#include "core/device/opencl/ClDevice.h"

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace ww {

/// A request that cannot be carried out, with who has to act.
struct ClProblem {
    Problem problem = Problem::Device;
    std::string message;
};
template <class T> using ClResult = tl::expected<T, ClProblem>;

/// One buffer between its red zones: `whole` holds shift, zone, data, zone; `data` is the part kernels get.
struct ClGuardedBuffer {
    BufferSpec spec;
    ClBuffer whole;
    ClBuffer data;

    [[nodiscard]] size_t dataOffset() const;
};

/// A kernel with its arguments set and its sizes in OpenCL's terms.
struct ClLaunch {
    std::string name;
    ClKernel kernel;
    std::array<size_t, 3> global {1, 1, 1};
    std::array<size_t, 3> local {1, 1, 1};
    std::vector<std::pair<cl_uint, std::string>> inputs; ///< arguments that change with the set of data
};

/// One workload laid out on the device: guarded buffers and the launches of each seat.
class ClBinding {
public:
    /// Makes the buffers, fills red zones and inputs, sets all arguments. `programs` are indexed by Seat
    /// and may be null where the request has no plan. `returned` is the memory to give back to; a new one
    /// that comes with the request takes its place.
    [[nodiscard]] static ClResult<std::unique_ptr<ClBinding>>
    make(const ClDevice &device, const BindRequest &request, std::vector<OwnedFd> fds,
         const std::array<cl_program, 2> &programs, SharedMemory &returned);

    /// The launches of a run, with the arguments of its set of data; empty when the seat has no plan.
    [[nodiscard]] ClResult<const std::vector<ClLaunch> *> launches(PlanRun run);

    /// Fills outputs and the seat's scratch with the byte, scratch that is declared so with zeros.
    [[nodiscard]] ClResult<void> poison(const ClDevice &device, Seat seat, uint8_t byte) const;
    /// Copies outputs and all red zones to a slot of the memory shared with the supervisor, after everything
    /// that was queued before.
    [[nodiscard]] ClResult<void> giveBack(const ClDevice &device, SharedMemory &returned,
                                          uint32_t slot) const;
    /// The input buffers of the last run's set, in order.
    [[nodiscard]] std::vector<const ClGuardedBuffer *> lastInputs() const;

private:
    ClBinding() = default;
    ClResult<void> addBuffer(const ClDevice &device, const BufferSpec &spec, std::span<const std::byte> zone);
    ClResult<void> addLaunches(const ResolvedPlan &plan, Seat seat, cl_program program,
                               const std::vector<ScalarSpec> &scalars);
    ClResult<void> setArgument(const ClLaunch &launch, cl_uint index, const ResolvedLaunch::Arg &arg,
                               Seat seat, const std::vector<ScalarSpec> &scalars) const;
    [[nodiscard]] const ClGuardedBuffer *find(const std::string &name, Seat seat, uint32_t set) const;

    std::vector<ClGuardedBuffer> m_buffers;
    std::array<std::vector<ClLaunch>, 2> m_launches;
    std::array<uint32_t, 2> m_set {}; ///< whose inputs the launches of each seat have as arguments
    uint32_t m_lastSet = 0;
    BufferLayout m_layout;
};

} // namespace ww
