// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaDriver.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ww {
namespace {

struct Meaning {
    CUresult code;
    Problem problem;
    const char *text; ///< what it means here and what to do
};

constexpr std::array kMeanings {
    Meaning {CUDA_ERROR_INVALID_VALUE, Problem::Plan,
             "a launch setting is out of range: look at grid, block, shared and cluster"},
    Meaning {CUDA_ERROR_OUT_OF_MEMORY, Problem::Resource, "the device has no memory left for this"},
    Meaning {CUDA_ERROR_NO_DEVICE, Problem::Device,
             "the driver sees no GPU: is it passed into this machine?"},
    Meaning {CUDA_ERROR_NO_BINARY_FOR_GPU, Problem::Device,
             "the program was compiled for another architecture than this device's"},
    Meaning {CUDA_ERROR_ECC_UNCORRECTABLE, Problem::Device,
             "the device's memory is failing: tell who owns the machine"},
    Meaning {CUDA_ERROR_ILLEGAL_ADDRESS, Problem::Runtime,
             "the kernel used an address outside every buffer: check the bounds of its indices"},
    Meaning {CUDA_ERROR_MISALIGNED_ADDRESS, Problem::Runtime,
             "the kernel used an address that is not a multiple of the access's size: vector loads need "
             "aligned rows"},
    Meaning {CUDA_ERROR_INVALID_ADDRESS_SPACE, Problem::Runtime,
             "an instruction for one memory space was given an address of another"},
    Meaning {CUDA_ERROR_INVALID_PC, Problem::Runtime,
             "the kernel jumped outside its code: a bad function pointer"},
    Meaning {CUDA_ERROR_ILLEGAL_INSTRUCTION, Problem::Runtime,
             "the kernel met an instruction it may not execute, or a trap"},
    Meaning {CUDA_ERROR_ASSERT, Problem::Runtime, "an assert() in the kernel failed"},
    Meaning {CUDA_ERROR_HARDWARE_STACK_ERROR, Problem::Runtime,
             "the kernel's stack overflowed: look for recursion"},
    Meaning {
        CUDA_ERROR_LAUNCH_FAILED, Problem::Runtime,
        "the kernel crashed: a trap, a bad shared memory access, or a misuse of a barrier or copy engine"},
    Meaning {CUDA_ERROR_LAUNCH_TIMEOUT, Problem::Runtime,
             "the kernel ran longer than this device's display allows: look for a loop that never ends"},
    Meaning {
        CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, Problem::Resource,
        "a block needs more registers or shared memory than there are: smaller block, or __launch_bounds__"},
    Meaning {CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, Problem::Resource,
             "a cooperative launch must fit the device all at once: use a smaller grid"},
    Meaning {CUDA_ERROR_INVALID_CLUSTER_SIZE, Problem::Plan,
             "the cluster does not divide the grid, or is larger than this device runs"},
    Meaning {CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, Problem::Device,
             "the driver's library and kernel module are of different versions: restart the machine"},
    Meaning {
        CUDA_ERROR_OPERATING_SYSTEM, Problem::Device,
        "the system refused the driver something it needs (inside a sandbox: /dev/nvidia*, /sys, /proc)"},
    Meaning {CUDA_ERROR_UNKNOWN, Problem::Device, "the driver cannot say: see the system log (dmesg)"},
};

const Meaning *meaningOf(CUresult code)
{
    const auto found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                    [code](const Meaning &known) { return known.code == code; });
    return found == kMeanings.end() ? nullptr : &*found;
}

} // namespace

tl::unexpected<CudaProblem> cudaProblem(Problem problem, std::string message)
{
    return tl::make_unexpected(CudaProblem {problem, std::move(message)});
}

Problem problemOf(CUresult code)
{
    const Meaning *meaning = meaningOf(code);
    return meaning ? meaning->problem : Problem::Device;
}

#define WW_CUDA_TEXT2(name) #name
#define WW_CUDA_TEXT(name) WW_CUDA_TEXT2(name)

Result<CudaDriver> CudaDriver::load()
{
    const char *what = "the NVIDIA driver cannot be used";
    CudaDriver driver;
    driver.m_library = SharedLibrary::open({"libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1"});
    if (!driver.m_library.isOpen())
        return failure(ErrorCode::NotFound, what, driver.m_library.problem(),
                       "Install NVIDIA's driver, or work without one: cuda:sm_90 compiles only");
    bool complete = true;
#define WW_CUDA_RESOLVE(name)                                                                                \
    complete = complete && driver.m_library.resolve(driver.name, WW_CUDA_TEXT(name));
    WW_CUDA_FUNCTIONS(WW_CUDA_RESOLVE)
#undef WW_CUDA_RESOLVE
    if (!complete)
        return failure(ErrorCode::Unsupported, what, driver.m_library.problem(),
                       "Install a driver of version 535 or later");
    if (const CUresult code = driver.cuInit(0); code != CUDA_SUCCESS)
        return failure(ErrorCode::Infrastructure, what, driver.describe(code));
    return driver;
}

std::string CudaDriver::describe(CUresult code) const
{
    const char *name = nullptr;
    const char *words = nullptr;
    cuGetErrorName(code, &name);
    cuGetErrorString(code, &words);
    const Meaning *meaning = meaningOf(code);
    return fmt::format("{} ({}): {}", name ? name : "unknown error", static_cast<int>(code),
                       meaning     ? meaning->text
                           : words ? words
                                   : "this program does not know it");
}

CudaResult<void> CudaDriver::checked(CUresult code, const std::string &what) const
{
    if (code == CUDA_SUCCESS)
        return {};
    return cudaProblem(problemOf(code), fmt::format("{}: {}", what, describe(code)));
}

} // namespace ww
