// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaProgram.h"

#include "core/analysis/Cubin.h"
#include "core/analysis/Occupancy.h"
#include "core/analysis/PtxasLog.h"
#include "core/base/Utf8.h"
#include "core/device/cuda/LeadingIncludes.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

std::vector<std::string> optionsFor(const Nvrtc &nvrtc, const CudaArchitecture &architecture)
{
    std::vector<std::string> options {"--gpu-architecture=" + cudaTargetName(architecture.number),
                                      "--std=c++17", "--generate-line-info", "--ptxas-options=-v",
                                      // nvcc has these from the C library.
                                      "--define-macro=INFINITY=__int_as_float(0x7f800000)",
                                      "--define-macro=NAN=__int_as_float(0x7fffffff)", "-default-device"};
    if (!nvrtc.includeFolder().empty()) {
        options.push_back("--include-path=" + nvrtc.includeFolder());
        options.push_back("--include-path=" + nvrtc.includeFolder() + "/cccl");
    }
    return options;
}

/// Compiles the source. Parameters of one that begins with headers are defined behind these, so that what the
/// headers come to is the same for every candidate; no line changes its number.
Nvrtc::Output compiled(const Nvrtc &nvrtc, const CudaArchitecture &architecture, const BuildRequest &request,
                       PrecompiledHeaders *kept)
{
    std::vector<std::string> options = optionsFor(nvrtc, architecture);
    const LeadingIncludes leading = leadingIncludes(request.source);
    if (leading.headers.empty()) {
        for (const auto &[name, value] : request.defines)
            options.push_back(fmt::format("--define-macro={}={}", name, value));
        return nvrtc.compile(request.source, options);
    }
    std::string source = request.source.substr(0, leading.end);
    if (!source.ends_with('\n'))
        source += '\n';
    for (const auto &[name, value] : request.defines)
        source += fmt::format("#define {} {}\n", name, value);
    source += fmt::format("#line {}\n", leading.line) + request.source.substr(leading.end);
    if (const auto sooner = kept ? kept->optionsFor(leading.headers, options) : std::vector<std::string>();
        !sooner.empty()) {
        std::vector<std::string> all = options;
        all.insert(all.end(), sooner.begin(), sooner.end());
        Nvrtc::Output output = nvrtc.compile(source, all);
        if (output.log.find("precompiled header") == std::string::npos)
            return output;
        kept->giveUp(leading.headers);
    }
    return nvrtc.compile(source, options);
}

void complain(BuildReply &reply, Problem problem, int line, std::string message)
{
    if (reply.problem != Problem::None)
        return;
    reply.problem = problem;
    reply.line = line;
    reply.message = std::move(message);
}

/// The first line of the log that names an error, which may lie in a header.
std::string whyNot(const Nvrtc &nvrtc, nvrtcResult status, std::string_view log)
{
    const size_t word = log.find(" error: ");
    if (word == std::string_view::npos)
        return "the source does not compile: " + nvrtc.nameOf(status);
    const size_t begin = log.rfind('\n', word);
    log.remove_prefix(begin == std::string_view::npos ? 0 : begin + 1);
    return std::string(log.substr(0, log.find('\n')));
}

/// The machine code and what the compiler said of it.
struct Facts {
    CubinFacts cubin;
    std::vector<PtxEntry> entries;
    PtxasLog log;
};

const CubinKernel *findKernel(const Facts &facts, const KernelUse &use, BuildReply &reply)
{
    const CubinKernel *found = nullptr;
    std::string names;
    for (const CubinKernel &kernel : facts.cubin.kernels) {
        const std::string name = plainKernelName(kernel.symbol);
        names += (names.empty() ? "" : " ") + name;
        if (name != use.name)
            continue;
        if (found) {
            complain(reply, Problem::Plan, use.line,
                     fmt::format("the source has several kernels '{}': give each its own name", use.name));
            return nullptr;
        }
        found = &kernel;
    }
    if (!found)
        complain(reply, Problem::Plan, use.line,
                 fmt::format("the source has no kernel '{}'; it has: {}", use.name,
                             names.empty() ? "none" : names));
    return found;
}

void noteResources(const CudaArchitecture &architecture, const Facts &facts, const CubinKernel &kernel,
                   const KernelUse &use, BuildReply &reply)
{
    const auto note = [&](const char *what, const auto &value) {
        reply.resources[fmt::format("{}.{}", use.name, what)] = fmt::format("{}", value);
    };
    note("registers", kernel.registers);
    note("stack_bytes", kernel.stackBytes);
    note("static_shared_bytes", kernel.staticSharedBytes);
    note("dynamic_shared_bytes", use.sharedBytes);
    note("instructions", kernel.instructions);
    note("local_loads", kernel.localLoads);
    note("local_stores", kernel.localStores);
    const auto spill = facts.log.spills.find(kernel.symbol);
    note("spill_store_bytes", spill == facts.log.spills.end() ? 0 : spill->second.storeBytes);
    note("spill_load_bytes", spill == facts.log.spills.end() ? 0 : spill->second.loadBytes);
    const Occupancy occupancy =
        occupancyOf(architecture,
                    {static_cast<int64_t>(use.groupSize), kernel.registers,
                     kernel.staticSharedBytes + static_cast<int64_t>(use.sharedBytes), kernel.barriers});
    note("threads", use.groupSize);
    note("blocks_per_sm", occupancy.blocksPerSm);
    note("occupancy", fmt::format("{:.3g}", occupancy.ratio));
    note("occupancy_limit", occupancy.limiter);
    if (occupancy.blocksPerSm == 0)
        complain(
            reply, Problem::Resource, use.line,
            fmt::format("a block of kernel '{}' ({} threads of {} registers, {} bytes of shared memory) does "
                        "not fit a multiprocessor of sm_{}: too many {}",
                        use.name, use.groupSize, kernel.registers,
                        kernel.staticSharedBytes + static_cast<int64_t>(use.sharedBytes), architecture.number,
                        occupancy.limiter));
}

void checkKernel(const CudaArchitecture &architecture, const Facts &facts, const KernelUse &use,
                 CudaProgramBuild &build)
{
    BuildReply &reply = build.reply;
    const CubinKernel *kernel = findKernel(facts, use, reply);
    if (!kernel)
        return;
    const auto entry = std::find_if(facts.entries.begin(), facts.entries.end(),
                                    [&](const PtxEntry &known) { return known.symbol == kernel->symbol; });
    if (entry == facts.entries.end())
        return complain(reply, Problem::Device, use.line,
                        fmt::format("the compiler's PTX does not declare kernel '{}'", use.name));
    if (entry->parameters.size() != use.arguments)
        return complain(reply, Problem::Plan, use.line,
                        fmt::format("kernel '{}' takes {} arguments, the plan gives it {}{}", use.name,
                                    entry->parameters.size(), use.arguments,
                                    use.sharedBytes > 0 ? " (shared memory is no argument: declare it as "
                                                          "'extern __shared__' in the kernel)"
                                                        : ""));
    if (kernel->maxThreads > 0 && use.groupSize > static_cast<uint64_t>(kernel->maxThreads))
        return complain(
            reply, Problem::Resource, use.line,
            fmt::format("kernel '{}' is compiled for at most {} threads a block (__launch_bounds__); "
                        "the plan asks for {}",
                        use.name, kernel->maxThreads, use.groupSize));
    noteResources(architecture, facts, *kernel, use, reply);
    build.kernels[use.name] = {kernel->symbol, entry->parameters};
}

void noteProgram(const Facts &facts, const std::string &ptx, BuildReply &reply)
{
    std::string features;
    for (const std::string &feature : ptxFeatures(ptx))
        features += (features.empty() ? "" : ", ") + feature;
    if (!features.empty())
        reply.resources["features"] = features;
    int64_t kept = 0;
    for (const CubinVariable &variable : facts.cubin.variables)
        kept += variable.bytes;
    if (kept > 0)
        reply.resources["device_variable_bytes"] = std::to_string(kept);
    reply.binaryHash = facts.cubin.codeHash;
}

} // namespace

CudaProgramBuild buildCudaProgram(const Nvrtc &nvrtc, const CudaArchitecture &architecture,
                                  const BuildRequest &request, PrecompiledHeaders *headers)
{
    CudaProgramBuild build;
    BuildReply &reply = build.reply;
    Nvrtc::Output output = compiled(nvrtc, architecture, request, headers);
    Facts facts;
    facts.log = readPtxasLog(toValidUtf8(output.log));
    reply.log = clipped(facts.log.rest, kMaxLogBytes);
    if (output.status != NVRTC_SUCCESS) {
        // The assembler refuses this without a word.
        if (facts.log.staticSharedBytes > architecture.sharedPerBlock)
            complain(
                reply, Problem::Resource, 0,
                fmt::format("a kernel declares {} bytes of __shared__ memory; a block of sm_{} can have {}",
                            facts.log.staticSharedBytes, architecture.number, architecture.sharedPerBlock));
        complain(reply,
                 output.status == NVRTC_ERROR_COMPILATION         ? Problem::Source
                     : output.status == NVRTC_ERROR_OUT_OF_MEMORY ? Problem::Resource
                                                                  : Problem::Device,
                 0, whyNot(nvrtc, output.status, facts.log.rest));
        return build;
    }
    if (output.cubin.size() > kMaxBinaryBytes) {
        complain(reply, Problem::Resource, 0, "the compiled program is over 32 MiB");
        return build;
    }
    Result<CubinFacts> cubin = readCubin(output.cubin);
    if (!cubin) {
        complain(reply, Problem::Device, 0, cubin.error().message());
        return build;
    }
    facts.cubin = std::move(*cubin);
    facts.entries = ptxEntries(output.ptx);
    noteProgram(facts, output.ptx, reply);
    for (const KernelUse &use : request.kernels)
        checkKernel(architecture, facts, use, build);
    if (reply.problem == Problem::None) {
        build.cubin = std::move(output.cubin);
        build.ptx = std::move(output.ptx);
    }
    return build;
}

} // namespace ww
