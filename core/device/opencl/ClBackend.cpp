// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClBackend.h"

#include "core/base/Hash.h"
#include "core/device/opencl/ClHousekeeping.h"
#include "core/device/opencl/ClProgram.h"
#include "core/device/opencl/ClTiming.h"

#include <array>
#include <optional>

namespace ww {
namespace {

/// Built programs that a runner keeps: the baseline of the search and the last few candidates.
constexpr size_t kKeptPrograms = 8;

std::string contentKey(const BuildRequest &request)
{
    std::string text = request.source;
    for (const auto &[name, value] : request.defines)
        text += '\0' + name + '=' + std::to_string(value);
    for (const KernelUse &kernel : request.kernels)
        text += '\0' + kernel.name;
    return sha256Hex(text);
}

RunReply refusal(const ClProblem &problem)
{
    RunReply reply;
    reply.problem = problem.problem;
    reply.message = problem.message;
    return reply;
}

class ClBackend final : public Backend {
public:
    explicit ClBackend(ClDevice device) : m_device(std::move(device)) { }

    [[nodiscard]] const Capabilities &device() const override { return m_device.facts; }

    void warmUp(bool forRunning) override
    {
        if (forRunning) {
            // Building our own kernels loads the compiler, the first flush makes it generate code.
            if (ClResult<ClHousekeeping> made = ClHousekeeping::make(m_device)) {
                m_housekeeping = std::move(*made);
                [[maybe_unused]] const auto done = m_housekeeping->flushCache(m_device, size_t {1} << 20);
                [[maybe_unused]] const auto told = m_housekeeping->digestOfOwn(m_device);
            }
            return;
        }
        BuildRequest request;
        request.source = "__kernel void warm_up(__global float *x) { x[get_global_id(0)] = 0; }";
        [[maybe_unused]] const ClProgramBuild build = buildProgram(m_device, request);
    }

    [[nodiscard]] BuildReply build(const BuildRequest &request, bool keep) override
    {
        if (!keep) {
            emptyCompilerCache();
            ClProgramBuild build = buildProgram(m_device, request);
            if (!build.program)
                return std::move(build.reply);
            const ProgramBinary binary = binaryOf(m_device, build.program);
            build.reply.binaryHash = binary.hash;
            if (binary.bytes > kMaxBinaryBytes) {
                build.reply.problem = Problem::Resource;
                build.reply.message = "the compiled program is over 32 MiB";
            }
            return std::move(build.reply);
        }
        m_binding.reset();
        const std::string key = contentKey(request);
        const auto seat = static_cast<size_t>(request.seat);
        for (Kept &kept : m_kept) {
            if (kept.key != key || request.freshModule)
                continue;
            m_programs[seat] = kept.program.get();
            return kept.reply;
        }
        ClProgramBuild build = buildProgram(m_device, request, request.freshModule ? ++m_freshModules : 0);
        if (!build.program)
            return std::move(build.reply);
        if (request.freshModule)
            std::erase_if(m_kept, [&](const Kept &kept) {
                return kept.key == key && kept.program.get() != m_programs[1 - seat];
            });
        makeRoom(seat);
        m_programs[seat] = build.program.get();
        m_kept.push_back({key, std::move(build.program), build.reply});
        return std::move(build.reply);
    }

    [[nodiscard]] RunReply bind(const BindRequest &request, std::vector<OwnedFd> fds) override
    {
        m_binding.reset();
        auto made = ClBinding::make(m_device, request, std::move(fds), m_programs, m_returned);
        if (!made)
            return refusal(made.error());
        m_binding = std::move(*made);
        return {};
    }

    [[nodiscard]] RunReply launch(const LaunchRequest &request, const PhaseListener &phase) override
    {
        if (!m_binding || !m_housekeeping)
            return notReady();
        if (auto done = m_binding->poison(m_device, request.run.seat, request.poison); !done)
            return refusal(done.error());
        const auto launches = m_binding->launches(request.run);
        if (!launches)
            return refusal(launches.error());
        if (auto done = runWatched(m_device, **launches, phase); !done)
            return refusal(done.error());
        return giveBack({}, request.slot);
    }

    [[nodiscard]] RunReply time(const TimeRequest &request, const PhaseListener &phase) override
    {
        if (!m_binding || !m_housekeeping)
            return notReady();
        phase(true);
        RunReply reply;
        reply.us.reserve(request.order.size());
        for (const PlanRun &run : request.order) {
            if (auto done = m_binding->poison(m_device, run.seat, request.poison); !done)
                return refusal(done.error());
            if (auto done = m_housekeeping->flushCache(m_device, request.flushBytes); !done)
                return refusal(done.error());
            const auto launches = m_binding->launches(run);
            if (!launches)
                return refusal(launches.error());
            const ClResult<float> us = runTimed(m_device, **launches);
            if (!us)
                return refusal(us.error());
            reply.us.push_back(*us);
        }
        return request.slot ? giveBack(std::move(reply), *request.slot) : std::move(reply);
    }

    [[nodiscard]] RunReply read(const ReadRequest &request) override
    {
        if (!m_binding || !m_housekeeping)
            return notReady();
        return giveBack({}, request.slot);
    }

    [[nodiscard]] RunReply measurePeaks() override
    {
        if (!m_housekeeping)
            return refusal({Problem::Device, "the driver cannot build this program's own kernels"});
        const auto peaks = m_housekeeping->measurePeaks(m_device);
        if (!peaks)
            return refusal(peaks.error());
        RunReply reply;
        reply.figures = *peaks;
        return reply;
    }

    [[nodiscard]] RunReply golden() override
    {
        if (!m_housekeeping)
            return refusal({Problem::Device, "the driver cannot build this program's own kernels"});
        const auto figures = m_housekeeping->golden(m_device);
        if (!figures)
            return refusal(figures.error());
        RunReply reply;
        reply.figures = *figures;
        return reply;
    }

private:
    [[nodiscard]] RunReply notReady() const
    {
        return refusal(
            {Problem::Device,
             m_binding ? "the driver cannot build this program's own kernels" : "nothing is bound"});
    }

    RunReply giveBack(RunReply reply, uint32_t slot)
    {
        if (auto done = m_binding->giveBack(m_device, m_returned, slot); !done)
            return refusal(done.error());
        for (const ClGuardedBuffer *input : m_binding->lastInputs()) {
            const ClResult<uint64_t> digest = m_housekeeping->digest(
                m_device, input->whole, input->dataOffset(), input->spec.bytes, input->spec.digestKey);
            if (!digest)
                return refusal(digest.error());
            reply.digests.push_back(*digest);
        }
        return reply;
    }

    struct Kept {
        std::string key;
        ClProgramHandle program;
        BuildReply reply;
    };

    /// Drops the oldest program that the other seat does not use.
    void makeRoom(size_t seat)
    {
        if (m_kept.size() < kKeptPrograms)
            return;
        const cl_program other = m_programs[1 - seat];
        for (auto kept = m_kept.begin(); kept != m_kept.end(); ++kept) {
            if (kept->program.get() == other)
                continue;
            m_kept.erase(kept);
            return;
        }
    }

    // Members die in reverse order: what uses the device stands below it.
    ClDevice m_device;
    std::optional<ClHousekeeping> m_housekeeping;
    std::vector<Kept> m_kept;
    std::array<cl_program, 2> m_programs {};
    int m_freshModules = 0; ///< programs that were loaded again
    std::unique_ptr<ClBinding> m_binding;
    SharedMemory m_returned; ///< to give back to
};

Result<std::vector<Capabilities>> listDevices()
{
    WW_TRY(const std::vector<FoundDevice> devices, findDevices());
    std::vector<Capabilities> facts;
    facts.reserve(devices.size());
    for (const FoundDevice &device : devices)
        facts.push_back(device.facts);
    return facts;
}

Result<std::unique_ptr<Backend>> openDevice(const DeviceAddress &address)
{
    WW_TRY(ClDevice device, ClDevice::open(address));
    return std::unique_ptr<Backend>(std::make_unique<ClBackend>(std::move(device)));
}

} // namespace

BackendDriver openClDriver()
{
    return {"opencl", listDevices, openDevice, {}};
}

} // namespace ww
