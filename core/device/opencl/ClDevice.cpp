// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClDevice.h"

#include <fmt/format.h>

#include <array>

namespace ww {
namespace {

struct ErrorName {
    cl_int code;
    const char *name;
};
constexpr std::array kErrorNames {
    ErrorName {CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"},
    ErrorName {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE"},
    ErrorName {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
    ErrorName {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"},
    ErrorName {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"},
    ErrorName {CL_PROFILING_INFO_NOT_AVAILABLE, "CL_PROFILING_INFO_NOT_AVAILABLE"},
    ErrorName {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"},
    ErrorName {CL_INVALID_VALUE, "CL_INVALID_VALUE"},
    ErrorName {CL_INVALID_BINARY, "CL_INVALID_BINARY"},
    ErrorName {CL_INVALID_BUILD_OPTIONS, "CL_INVALID_BUILD_OPTIONS"},
    ErrorName {CL_INVALID_PROGRAM_EXECUTABLE, "CL_INVALID_PROGRAM_EXECUTABLE"},
    ErrorName {CL_INVALID_KERNEL_NAME, "CL_INVALID_KERNEL_NAME"},
    ErrorName {CL_INVALID_KERNEL_ARGS, "CL_INVALID_KERNEL_ARGS"},
    ErrorName {CL_INVALID_ARG_INDEX, "CL_INVALID_ARG_INDEX"},
    ErrorName {CL_INVALID_ARG_VALUE, "CL_INVALID_ARG_VALUE"},
    ErrorName {CL_INVALID_ARG_SIZE, "CL_INVALID_ARG_SIZE"},
    ErrorName {CL_INVALID_WORK_DIMENSION, "CL_INVALID_WORK_DIMENSION"},
    ErrorName {CL_INVALID_WORK_GROUP_SIZE, "CL_INVALID_WORK_GROUP_SIZE"},
    ErrorName {CL_INVALID_WORK_ITEM_SIZE, "CL_INVALID_WORK_ITEM_SIZE"},
    ErrorName {CL_INVALID_GLOBAL_WORK_SIZE, "CL_INVALID_GLOBAL_WORK_SIZE"},
    ErrorName {CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE"},
    ErrorName {CL_INVALID_EVENT, "CL_INVALID_EVENT"},
    ErrorName {-1001, "CL_PLATFORM_NOT_FOUND_KHR"},
};

template <class Id, class Key>
std::string infoText(cl_int (*get)(Id, Key, size_t, void *, size_t *), Id id, Key key)
{
    size_t bytes = 0;
    if (get(id, key, 0, nullptr, &bytes) != CL_SUCCESS || bytes == 0)
        return {};
    std::string text(bytes, '\0');
    if (get(id, key, bytes, text.data(), nullptr) != CL_SUCCESS)
        return {};
    return text.substr(0, text.find('\0'));
}

template <class T> T deviceInfo(cl_device_id device, cl_device_info key)
{
    T value {};
    if (clGetDeviceInfo(device, key, sizeof value, &value, nullptr) != CL_SUCCESS)
        return {};
    return value;
}

const char *kindName(cl_device_type type)
{
    if ((type & CL_DEVICE_TYPE_GPU) != 0)
        return "gpu";
    return (type & CL_DEVICE_TYPE_CPU) != 0 ? "cpu" : "accelerator";
}

Capabilities factsOf(cl_platform_id platform, cl_device_id device)
{
    Capabilities facts;
    facts.backend = "opencl";
    facts.device = infoText(clGetDeviceInfo, device, cl_device_info {CL_DEVICE_NAME});
    facts.deviceKind = kindName(deviceInfo<cl_device_type>(device, CL_DEVICE_TYPE));
    facts.driver = infoText(clGetDeviceInfo, device, cl_device_info {CL_DRIVER_VERSION});
    facts.platform = infoText(clGetPlatformInfo, platform, cl_platform_info {CL_PLATFORM_NAME});
    facts.toolchain = infoText(clGetDeviceInfo, device, cl_device_info {CL_DEVICE_OPENCL_C_VERSION});
    facts.counters = "none";
    facts.computeUnits = static_cast<int>(deviceInfo<cl_uint>(device, CL_DEVICE_MAX_COMPUTE_UNITS));
    facts.globalCacheBytes =
        static_cast<int64_t>(deviceInfo<cl_ulong>(device, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE));
    facts.localMemoryBytes = static_cast<int64_t>(deviceInfo<cl_ulong>(device, CL_DEVICE_LOCAL_MEM_SIZE));
    facts.maxWorkGroup = static_cast<int64_t>(deviceInfo<size_t>(device, CL_DEVICE_MAX_WORK_GROUP_SIZE));
    return facts;
}

} // namespace

std::string clErrorName(cl_int code)
{
    for (const ErrorName &known : kErrorNames) {
        if (known.code == code)
            return fmt::format("{} ({})", known.name, code);
    }
    return fmt::format("OpenCL error {}", code);
}

tl::unexpected<Error> clFailure(std::string what, cl_int code)
{
    return failure(ErrorCode::Infrastructure, std::move(what), clErrorName(code));
}

Result<std::vector<FoundDevice>> findDevices()
{
    cl_uint platformCount = 0;
    const cl_int status = clGetPlatformIDs(0, nullptr, &platformCount);
    std::vector<cl_platform_id> platforms(status == CL_SUCCESS ? platformCount : 0);
    if (!platforms.empty() && clGetPlatformIDs(platformCount, platforms.data(), nullptr) != CL_SUCCESS)
        platforms.clear();
    std::vector<FoundDevice> found;
    for (const cl_platform_id platform : platforms) {
        cl_uint count = 0;
        if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS)
            continue;
        std::vector<cl_device_id> devices(count);
        if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr) != CL_SUCCESS)
            continue;
        for (const cl_device_id device : devices) {
            FoundDevice entry {device, factsOf(platform, device)};
            entry.facts.spec = fmt::format("opencl:{}", found.size());
            found.push_back(std::move(entry));
        }
    }
    if (found.empty())
        return failure(ErrorCode::NotFound, "there is no OpenCL device",
                       platforms.empty() ? "no driver is installed, or none of them loads"
                                         : "the installed drivers offer none",
                       "Install one; on Debian and Ubuntu 'apt-get install pocl-opencl-icd' gives the CPU");
    return found;
}

Result<ClDevice> ClDevice::open(const DeviceAddress &address)
{
    WW_TRY(std::vector<FoundDevice> devices, findDevices());
    int ordinal = address.ordinal;
    for (FoundDevice &candidate : devices) {
        if (candidate.facts.platform != address.platform || candidate.facts.device != address.name)
            continue;
        if (ordinal-- > 0)
            continue;
        ClDevice device;
        device.id = candidate.id;
        device.facts = std::move(candidate.facts);
        cl_int status = CL_SUCCESS;
        device.context = ClContext(clCreateContext(nullptr, 1, &device.id, nullptr, nullptr, &status));
        if (status != CL_SUCCESS)
            return clFailure("cannot open the device " + address.name, status);
        device.queue = ClQueue(
            clCreateCommandQueue(device.context.get(), device.id, CL_QUEUE_PROFILING_ENABLE, &status));
        if (status != CL_SUCCESS)
            return clFailure("cannot make a command queue on " + address.name, status);
        device.baseAlignment =
            std::max<uint64_t>(1, deviceInfo<cl_uint>(device.id, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8);
        return device;
    }
    return failure(ErrorCode::NotFound, "the device " + address.name + " cannot be opened",
                   "the driver no longer shows it inside the sandbox");
}

} // namespace ww
