// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClProgram.h"

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace ww {
namespace {

std::string optionsFor(const BuildRequest &request, int module)
{
    // Argument information lets a plan that does not fit be refused before anything runs.
    std::string options = "-cl-kernel-arg-info";
    // PoCL loads equal programs once and keeps their static data; other options make it another program.
    for (int i = 0; i < module; ++i)
        options += " -cl-kernel-arg-info";
    for (const auto &[name, value] : request.defines)
        options += fmt::format(" -D{}={}", name, value);
    return options;
}

std::string buildLog(const ClDevice &device, const ClProgramHandle &program)
{
    size_t bytes = 0;
    if (clGetProgramBuildInfo(program.get(), device.id, CL_PROGRAM_BUILD_LOG, 0, nullptr, &bytes)
            != CL_SUCCESS
        || bytes == 0)
        return {};
    std::string log(bytes, '\0');
    if (clGetProgramBuildInfo(program.get(), device.id, CL_PROGRAM_BUILD_LOG, bytes, log.data(), nullptr)
        != CL_SUCCESS)
        return {};
    log.resize(std::min(log.find('\0'), log.size()));
    return clipped(toValidUtf8(log), kMaxLogBytes);
}

std::string kernelNames(const ClProgramHandle &program)
{
    size_t bytes = 0;
    if (clGetProgramInfo(program.get(), CL_PROGRAM_KERNEL_NAMES, 0, nullptr, &bytes) != CL_SUCCESS)
        return {};
    std::string names(bytes, '\0');
    if (clGetProgramInfo(program.get(), CL_PROGRAM_KERNEL_NAMES, bytes, names.data(), nullptr) != CL_SUCCESS)
        return {};
    names.resize(std::min(names.find('\0'), names.size()));
    std::replace(names.begin(), names.end(), ';', ' ');
    return names;
}

template <class T> T workGroupInfo(const ClDevice &device, cl_kernel kernel, cl_kernel_work_group_info key)
{
    T value {};
    if (clGetKernelWorkGroupInfo(kernel, device.id, key, sizeof value, &value, nullptr) != CL_SUCCESS)
        return {};
    return value;
}

void complain(BuildReply &reply, Problem problem, int line, std::string message)
{
    if (reply.problem != Problem::None)
        return;
    reply.problem = problem;
    reply.line = line;
    reply.message = std::move(message);
}

void checkKernel(const ClDevice &device, const ClProgramHandle &program, const KernelUse &use,
                 BuildReply &reply)
{
    cl_int status = CL_SUCCESS;
    const ClKernel kernel(clCreateKernel(program.get(), use.name.c_str(), &status));
    if (!kernel)
        return complain(
            reply, Problem::Plan, use.line,
            status == CL_INVALID_KERNEL_NAME
                ? fmt::format("the source has no kernel '{}'; it has: {}", use.name, kernelNames(program))
                : fmt::format("kernel '{}' cannot be made: {}", use.name, clErrorName(status)));
    cl_uint takes = 0;
    clGetKernelInfo(kernel.get(), CL_KERNEL_NUM_ARGS, sizeof takes, &takes, nullptr);
    const uint64_t gets = use.arguments + (use.sharedBytes > 0 ? 1 : 0);
    if (takes != gets)
        return complain(
            reply, Problem::Plan, use.line,
            fmt::format(
                "kernel '{}' takes {} arguments, the plan gives it {}{}", use.name, takes, use.arguments,
                use.sharedBytes > 0 ? " and the shared memory, which is the last argument (__local)" : ""));
    const auto local = workGroupInfo<cl_ulong>(device, kernel.get(), CL_KERNEL_LOCAL_MEM_SIZE);
    const auto group = workGroupInfo<size_t>(device, kernel.get(), CL_KERNEL_WORK_GROUP_SIZE);
    if (local + use.sharedBytes > static_cast<uint64_t>(device.facts.localMemoryBytes))
        complain(reply, Problem::Resource, use.line,
                 fmt::format("kernel '{}' needs {} bytes of local memory; the device has {}", use.name,
                             local + use.sharedBytes, device.facts.localMemoryBytes));
    if (group > 0 && use.groupSize > group)
        complain(reply, Problem::Resource, use.line,
                 fmt::format("kernel '{}' can run with at most {} work-items a group; the plan asks for {}",
                             use.name, group, use.groupSize));
    const auto note = [&](const char *what, uint64_t value) {
        reply.resources[fmt::format("{}.{}", use.name, what)] = std::to_string(value);
    };
    note("local_mem_bytes", local + use.sharedBytes);
    note("private_mem_bytes", workGroupInfo<cl_ulong>(device, kernel.get(), CL_KERNEL_PRIVATE_MEM_SIZE));
    note("preferred_multiple",
         workGroupInfo<size_t>(device, kernel.get(), CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE));
    note("max_group", group);
}

bool isPocl(const ClDevice &device)
{
    return device.facts.platform == "Portable Computing Language";
}

std::filesystem::path poclCache()
{
    const char *folder = std::getenv("POCL_CACHE_DIR");
    return folder ? folder : "";
}

} // namespace

ClProgramBuild buildProgram(const ClDevice &device, const BuildRequest &request, int module)
{
    ClProgramBuild build;
    const char *text = request.source.data();
    const size_t length = request.source.size();
    cl_int status = CL_SUCCESS;
    ClProgramHandle program(clCreateProgramWithSource(device.context.get(), 1, &text, &length, &status));
    if (!program) {
        complain(build.reply, Problem::Device, 0,
                 "the driver does not take the source: " + clErrorName(status));
        return build;
    }
    status =
        clBuildProgram(program.get(), 1, &device.id, optionsFor(request, module).c_str(), nullptr, nullptr);
    build.reply.log = buildLog(device, program);
    if (status != CL_SUCCESS) {
        complain(build.reply,
                 status == CL_OUT_OF_HOST_MEMORY || status == CL_OUT_OF_RESOURCES ? Problem::Resource
                                                                                  : Problem::Source,
                 0, "the source does not compile: " + clErrorName(status));
        return build;
    }
    for (const KernelUse &use : request.kernels)
        checkKernel(device, program, use, build.reply);
    if (build.reply.problem == Problem::None)
        build.program = std::move(program);
    return build;
}

ProgramBinary binaryOf(const ClDevice &device, const ClProgramHandle &program)
{
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (isPocl(device)) {
        for (const fs::directory_entry &entry : fs::recursive_directory_iterator(poclCache(), ignored)) {
            if (entry.path().filename() != "program.bc")
                continue;
            const auto bytes = static_cast<size_t>(entry.file_size(ignored));
            const Result<std::string> code = readTextFile(entry.path(), kMaxBinaryBytes);
            return {code ? sha256Hex(*code) : std::string(), bytes};
        }
        return {};
    }
    size_t bytes = 0;
    if (clGetProgramInfo(program.get(), CL_PROGRAM_BINARY_SIZES, sizeof bytes, &bytes, nullptr) != CL_SUCCESS
        || bytes == 0 || bytes > kMaxBinaryBytes)
        return {{}, bytes};
    std::string binary(bytes, '\0');
    char *target = binary.data();
    if (clGetProgramInfo(program.get(), CL_PROGRAM_BINARIES, sizeof target, &target, nullptr) != CL_SUCCESS)
        return {};
    return {sha256Hex(binary), bytes};
}

void emptyCompilerCache()
{
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(poclCache(), ignored))
        std::filesystem::remove_all(entry.path(), ignored);
}

} // namespace ww
