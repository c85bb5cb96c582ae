// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaBackend.h"

#include "core/base/Hash.h"
#include "core/device/cuda/CudaBinding.h"
#include "core/device/cuda/CudaCompiler.h"
#include "core/device/cuda/CudaObserver.h"
#include "core/device/cuda/CudaParcel.h"
#include "core/device/cuda/Nvml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <list>

namespace ww {
namespace {

/// Loaded programs that a runner keeps: the baseline of the search and the last few candidates.
constexpr size_t kKeptPrograms = 8;

std::string contentKey(const BuildRequest &request)
{
    std::string text = request.source + '\0' + request.binary;
    for (const auto &[name, value] : request.defines)
        text += '\0' + name + '=' + std::to_string(value);
    for (const KernelUse &kernel : request.kernels)
        text += '\0' + fmt::format("{} {} {}", kernel.name, kernel.groupSize, kernel.sharedBytes);
    return sha256Hex(text);
}

RunReply refusal(const CudaProblem &problem)
{
    RunReply reply;
    reply.problem = problem.problem;
    reply.message = problem.message;
    return reply;
}

class CudaBackend final : public Backend {
public:
    CudaBackend(std::unique_ptr<CudaDevice> device, Nvrtc nvrtc, Capabilities facts)
        : m_device(std::move(device)),
          m_nvrtc(std::move(nvrtc)),
          m_facts(std::move(facts)),
          m_nvml(Nvml::open(m_device->busId()))
    {
    }

    [[nodiscard]] const Capabilities &device() const override { return m_facts; }

    void warmUp(bool) override
    {
        auto made = CudaHousekeeping::make(*m_device, m_nvrtc);
        if (!made) {
            m_problem = made.error();
            return;
        }
        m_housekeeping = std::move(*made);
        auto timer = CudaTimer::make(*m_device, *m_housekeeping);
        if (!timer) {
            m_problem = timer.error();
            return;
        }
        m_timer.emplace(std::move(*timer));
        m_inputs.emplace(*m_device);
        m_returned.emplace(*m_device);
        m_problem.reset();
        // Whatever the driver starts or loads at a first launch is there before anything is watched.
        [[maybe_unused]] const auto first = m_timer->run({}, 1);
    }

    [[nodiscard]] BuildReply build(const BuildRequest &request, bool) override
    {
        m_binding.reset();
        const std::string key = contentKey(request);
        const auto seat = static_cast<size_t>(request.seat);
        const auto kept =
            std::find_if(m_kept.begin(), m_kept.end(), [&](const Kept &known) { return known.key == key; });
        if (kept != m_kept.end() && !request.freshModule) {
            m_programs[seat] = &kept->program;
            return kept->reply;
        }
        CudaProgramBuild build = programOf(request);
        if (build.reply.problem != Problem::None)
            return std::move(build.reply);
        auto module = CudaModule::load(*m_device, build.cubin);
        if (!module) {
            build.reply.problem = module.error().problem;
            build.reply.message = module.error().message;
            return std::move(build.reply);
        }
        if (request.freshModule)
            std::erase_if(m_kept, [&](const Kept &known) {
                return known.key == key && &known.program != m_programs[1 - seat];
            });
        makeRoom(seat);
        m_kept.push_back({key, {std::move(*module), std::move(build.kernels)}, build.reply});
        m_programs[seat] = &m_kept.back().program;
        return std::move(build.reply);
    }

    [[nodiscard]] RunReply bind(const BindRequest &request, std::vector<OwnedFd> fds) override
    {
        m_binding.reset();
        if (m_problem)
            return refusal(*m_problem);
        auto made = CudaBinding::make(bench(), request, std::move(fds), m_programs);
        if (!made)
            return refusal(made.error());
        m_binding = std::move(*made);
        return {};
    }

    [[nodiscard]] RunReply launch(const LaunchRequest &request, const PhaseListener &phase) override
    {
        if (!m_binding)
            return refusal({Problem::Device, "nothing is bound"});
        phase(true);
        if (auto done = m_binding->poison(*m_device, request.run.seat, request.poison); !done)
            return refusal(done.error());
        const auto launches = m_binding->launches(*m_device, request.run);
        if (!launches)
            return refusal(launches.error());
        if (auto done = enqueue(*m_device, **launches); !done)
            return refusal(done.error());
        if (auto done = m_device->finish(failed(**launches)); !done)
            return refusal(done.error());
        return giveBack({}, request.slot);
    }

    [[nodiscard]] RunReply time(const TimeRequest &request, const PhaseListener &phase) override
    {
        if (!m_binding)
            return refusal({Problem::Device, "nothing is bound"});
        phase(true);
        RunReply reply;
        for (const PlanRun &run : request.order) {
            if (auto done = m_binding->poison(*m_device, run.seat, request.poison); !done)
                return refusal(done.error());
            const auto launches = m_binding->launches(*m_device, run);
            if (!launches)
                return refusal(launches.error());
            const CudaResult<CudaSample> sample = m_timer->run(**launches, request.flushBytes);
            if (!sample)
                return refusal(sample.error());
            reply.us.push_back(sample->us);
            reply.mhz.push_back(sample->mhz);
        }
        // Asking the card takes longer than a short batch: once for each that is judged.
        if (m_nvml && request.slot)
            reply.figures = m_nvml->readings();
        return request.slot ? giveBack(std::move(reply), *request.slot) : std::move(reply);
    }

    [[nodiscard]] RunReply read(const ReadRequest &request) override
    {
        if (!m_binding)
            return refusal({Problem::Device, "nothing is bound"});
        if (auto done = m_device->finish("a kernel failed"); !done)
            return refusal(done.error());
        return giveBack({}, request.slot);
    }

    [[nodiscard]] RunReply observe(const ObserveRequest &request, const PhaseListener &phase) override
    {
        if (!m_binding)
            return refusal({Problem::Device, "nothing is bound"});
        phase(true);
        const auto launches = m_binding->launches(*m_device, request.run);
        if (!launches)
            return refusal(launches.error());
        if (!m_observer)
            m_observer.emplace(*m_device, *m_housekeeping, *m_timer);
        const CudaResult<RunReply> reply = m_observer->observe(request, **launches, [&] {
            return m_binding->poison(*m_device, request.run.seat, request.poison);
        });
        return reply ? *reply : refusal(reply.error());
    }

    [[nodiscard]] RunReply measurePeaks() override { return figures(&CudaHousekeeping::measurePeaks); }
    [[nodiscard]] RunReply golden() override { return figures(&CudaHousekeeping::golden); }

private:
    struct Kept {
        std::string key;
        LoadedCudaProgram program;
        BuildReply reply;
    };

    /// What was handed over, else what NVRTC makes of the source.
    CudaProgramBuild programOf(const BuildRequest &request) const
    {
        if (request.binary.empty())
            return buildCudaProgram(m_nvrtc, m_device->architecture(), request);
        Result<CudaProgramBuild> handed = unpackCudaProgram(request.binary);
        if (handed)
            return std::move(*handed);
        CudaProgramBuild build;
        build.reply.problem = Problem::Device;
        build.reply.message = handed.error().message();
        return build;
    }

    static std::string failed(const std::vector<CudaLaunch> &launches)
    {
        // The driver does not say which of several launches an error belongs to.
        return launches.size() == 1 ? fmt::format("kernel '{}' failed", launches.front().name)
                                    : std::string("a kernel of the plan failed");
    }

    [[nodiscard]] CudaBench bench() { return {*m_device, *m_housekeeping, *m_inputs, *m_returned}; }

    RunReply giveBack(RunReply reply, uint32_t slot)
    {
        auto digests = m_binding->giveBack(bench(), slot);
        if (!digests)
            return refusal(digests.error());
        reply.digests = std::move(*digests);
        return reply;
    }

    RunReply figures(CudaResult<std::map<std::string, double>> (CudaHousekeeping::*measure)())
    {
        if (m_problem)
            return refusal(*m_problem);
        const auto found = (m_housekeeping.get()->*measure)();
        if (!found)
            return refusal(found.error());
        RunReply reply;
        reply.figures = *found;
        return reply;
    }

    /// Drops the oldest program that the other seat does not use.
    void makeRoom(size_t seat)
    {
        if (m_kept.size() < kKeptPrograms)
            return;
        for (auto kept = m_kept.begin(); kept != m_kept.end(); ++kept) {
            if (&kept->program == m_programs[1 - seat])
                continue;
            m_kept.erase(kept);
            return;
        }
    }

    // Members die in reverse order: what uses the device stands below it.
    std::unique_ptr<CudaDevice> m_device;
    Nvrtc m_nvrtc;
    Capabilities m_facts;
    std::optional<Nvml> m_nvml;
    std::optional<CudaProblem> m_problem = CudaProblem {Problem::Device, "the device is not warmed up"};
    std::unique_ptr<CudaHousekeeping> m_housekeeping;
    std::optional<CudaTimer> m_timer;
    std::optional<CudaInputs> m_inputs;
    std::optional<CudaReturned> m_returned;
    std::optional<CudaObserver> m_observer;
    std::list<Kept> m_kept; ///< a list: seats point into it
    std::array<const LoadedCudaProgram *, 2> m_programs {};
    std::unique_ptr<CudaBinding> m_binding;
};

Result<std::vector<Capabilities>> listCuda()
{
    std::vector<Capabilities> found;
    std::string why;
    if (const Result<CudaDriver> driver = CudaDriver::load(); !driver)
        why = driver.error().message();
    else if (Result<std::vector<Capabilities>> devices = findCudaDevices(*driver); !devices)
        why = devices.error().message();
    else
        found = std::move(*devices);
    Result<std::vector<Capabilities>> targets = cudaCompileTargets(why);
    if (!targets)
        return tl::make_unexpected(std::move(targets.error()));
    for (Capabilities &device : found)
        device.toolchain = targets->empty() ? std::string() : targets->front().toolchain;
    found.insert(found.end(), targets->begin(), targets->end());
    return found;
}

Result<std::unique_ptr<Backend>> openCuda(const DeviceAddress &address)
{
    WW_TRY(Nvrtc nvrtc, Nvrtc::load());
    WW_TRY(std::unique_ptr<CudaDevice> device, CudaDevice::open(address));
    Capabilities facts = device->facts();
    facts.toolchain = nvrtc.version();
    return std::unique_ptr<Backend>(
        std::make_unique<CudaBackend>(std::move(device), std::move(nvrtc), std::move(facts)));
}

} // namespace

BackendDriver cudaDriver()
{
    return {"cuda", listCuda, openCuda, openCudaCompiler};
}

} // namespace ww
