// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaCompiler.h"

#include "core/analysis/CodeListing.h"
#include "core/device/cuda/CudaDevice.h"
#include "core/device/cuda/CudaParcel.h"
#include "core/device/cuda/CudaProgram.h"
#include "core/device/cuda/Disassembler.h"

#include <fmt/format.h>

namespace ww {
namespace {

RunReply refusal()
{
    RunReply reply;
    reply.problem = Problem::Device;
    reply.message = "there is no device behind this compiler";
    return reply;
}

/// What of one listing fits into a message; a kernel that a person reads is far shorter.
constexpr size_t kMostListingBytes = 1u << 20;

void clip(std::vector<CodeLine> &lines)
{
    size_t bytes = 0, kept = 0;
    while (kept < lines.size() && bytes < kMostListingBytes)
        bytes += lines[kept++].text.size();
    if (kept == lines.size())
        return;
    const size_t left = lines.size() - kept;
    lines.resize(kept);
    lines.push_back({fmt::format("… and {} lines more", left), 0, 0});
}

/// What a person reads of a program: PTX and machine code with the lines that they come from.
CodeRecord codeOf(const CudaProgramBuild &build)
{
    CodeRecord code;
    code.ptx = ptxListing(build.ptx, kCudaSourceName);
    const Result<LineTables> lines = readLineTables(build.cubin, kCudaSourceName);
    const Result<std::string> printed = disassembled(build.cubin);
    if (!lines || !printed) {
        code.sassProblem = (lines ? printed.error() : lines.error()).message();
        clip(code.ptx);
        return code;
    }
    code.sass = sassListing(*printed, *lines);
    if (code.sass.empty())
        code.sassProblem = "the disassembler printed no instructions";
    // Code of a header belongs to the line of the candidate that its PTX was inlined at.
    for (CodeLine &line : code.sass) {
        if (line.sourceLine == 0 && line.ptxLine > 0 && static_cast<size_t>(line.ptxLine) <= code.ptx.size())
            line.sourceLine = code.ptx[static_cast<size_t>(line.ptxLine) - 1].sourceLine;
    }
    code.opcodes = opcodeCounts(code.sass);
    code.findings = codeFindings(code.sass);
    clip(code.sass);
    clip(code.ptx);
    return code;
}

class CudaCompiler final : public Backend {
public:
    CudaCompiler(Nvrtc nvrtc, const CudaArchitecture &architecture, Capabilities facts)
        : m_nvrtc(std::move(nvrtc)), m_architecture(architecture), m_facts(std::move(facts))
    {
    }

    [[nodiscard]] const Capabilities &device() const override { return m_facts; }

    void warmUp(bool) override
    {
        BuildRequest request;
        request.source = "extern \"C\" __global__ void warm_up(float *x) { x[threadIdx.x] = 0; }";
        [[maybe_unused]] const CudaProgramBuild build = buildCudaProgram(m_nvrtc, m_architecture, request);
    }

    [[nodiscard]] BuildReply build(const BuildRequest &request, bool) override
    {
        CudaProgramBuild build = buildCudaProgram(m_nvrtc, m_architecture, request, &m_headers);
        if (build.reply.problem == Problem::None && build.cubin.size() <= kMaxHandedBytes)
            build.reply.binary = packCudaProgram(build);
        if (build.reply.problem == Problem::None && request.code)
            build.reply.code = codeOf(build);
        return std::move(build.reply);
    }

    [[nodiscard]] RunReply bind(const BindRequest &, std::vector<OwnedFd>) override { return refusal(); }
    [[nodiscard]] RunReply launch(const LaunchRequest &, const PhaseListener &) override { return refusal(); }
    [[nodiscard]] RunReply time(const TimeRequest &, const PhaseListener &) override { return refusal(); }
    [[nodiscard]] RunReply read(const ReadRequest &) override { return refusal(); }
    [[nodiscard]] RunReply measurePeaks() override { return refusal(); }
    [[nodiscard]] RunReply golden() override { return refusal(); }

private:
    Nvrtc m_nvrtc;
    PrecompiledHeaders m_headers {m_nvrtc};
    CudaArchitecture m_architecture;
    Capabilities m_facts;
};

Capabilities targetFacts(const CudaArchitecture &architecture, const Nvrtc &nvrtc, const std::string &why)
{
    Capabilities facts;
    facts.backend = "cuda";
    facts.device = fmt::format("{} (compiles only)", cudaTargetName(architecture.number));
    facts.deviceKind = "compiler";
    facts.spec = fmt::format("cuda:sm_{}", architecture.number);
    facts.driver = why;
    facts.platform = cudaPlatform(architecture.number);
    facts.toolchain = nvrtc.version();
    facts.counters = "none";
    facts.localMemoryBytes = architecture.sharedPerBlock;
    facts.maxWorkGroup = architecture.threadsPerBlock;
    return facts;
}

} // namespace

Result<std::vector<Capabilities>> cudaCompileTargets(const std::string &why)
{
    WW_TRY(const Nvrtc nvrtc, Nvrtc::load());
    std::vector<Capabilities> targets;
    for (const int number : nvrtc.architectures()) {
        if (const auto architecture = cudaArchitecture(number))
            targets.push_back(targetFacts(*architecture, nvrtc, why));
    }
    return targets;
}

Result<std::unique_ptr<Backend>> openCudaCompiler(const DeviceAddress &address)
{
    const auto architecture = architectureOfPlatform(address.platform);
    if (!architecture)
        return failure(ErrorCode::Unsupported, fmt::format("cannot compile for {}", address.platform),
                       "this version has no figures for that architecture");
    WW_TRY(Nvrtc nvrtc, Nvrtc::load());
    Capabilities facts = targetFacts(*architecture, nvrtc, {});
    return std::unique_ptr<Backend>(
        std::make_unique<CudaCompiler>(std::move(nvrtc), *architecture, std::move(facts)));
}

} // namespace ww
