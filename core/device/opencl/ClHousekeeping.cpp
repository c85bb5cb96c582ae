// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClHousekeeping.h"

#include "core/device/opencl/ClTiming.h"
#include "core/judge/Digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace ww {
namespace {

// Work-item i reads `count` vectors from i * `first` on, `step` apart: neighbours on a GPU, a run of its
// own on a CPU. Storing what was read keeps the loads.
constexpr const char *kSource = R"(
__kernel void sweep(__global const float4 *memory, __global float *sink, uint first, uint step, uint count)
{
    size_t at = get_global_id(0) * (size_t)first;
    float4 sum = (float4)(0.0f);
    for (uint i = 0; i < count; ++i, at += step)
        sum += memory[at];
    sink[get_global_id(0)] = sum.x + sum.y + sum.z + sum.w;
}
__kernel void copy(__global const float16 *from, __global float16 *to, uint first, uint step, uint count)
{
    size_t at = get_global_id(0) * (size_t)first;
    for (uint i = 0; i < count; ++i, at += step)
        to[at] = from[at];
}
__kernel void digest(__global const ulong *memory, __global ulong *sums, ulong from, ulong bytes, ulong key,
                     ulong first, ulong step)
{
    const ulong item = get_global_id(0), count = bytes / 8, begin = item * first;
    const ulong end = first == 1 ? count : min(count, begin + first);
    __global const ulong *words = memory + from;
    ulong sum = 0;
    for (ulong at = begin; at < end; at += step)
        sum += digest_mix(words[at], at, key);
    if (item == 0 && bytes % 8 != 0) {
        __global const uchar *rest = (__global const uchar *)(words + count);
        ulong last = 0;
        for (uint i = 0; i < bytes % 8; ++i)
            last |= (ulong)rest[i] << (8 * i);
        sum += digest_mix(last, count, key);
    }
    sums[item] = sum;
}
__kernel void multiply_add(__global float *sink, float x, float y, uint count)
{
    float16 a0 = x, a1 = x + 1, a2 = x + 2, a3 = x + 3, a4 = x + 4, a5 = x + 5, a6 = x + 6, a7 = x + 7;
    const float16 b = y, c = x;
    for (uint i = 0; i < count; ++i) {
        a0 = fma(a0, b, c); a1 = fma(a1, b, c); a2 = fma(a2, b, c); a3 = fma(a3, b, c);
        a4 = fma(a4, b, c); a5 = fma(a5, b, c); a6 = fma(a6, b, c); a7 = fma(a7, b, c);
    }
    const float16 sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
    const float8 half_sum = sum.lo + sum.hi;
    const float4 quarter = half_sum.lo + half_sum.hi;
    sink[get_global_id(0)] = quarter.x + quarter.y + quarter.z + quarter.w;
}
)";

constexpr size_t kSinkItems = 1u << 20;

tl::unexpected<ClProblem> deviceProblem(const char *what, cl_int status)
{
    return tl::make_unexpected(ClProblem {Problem::Device, fmt::format("{}: {}", what, clErrorName(status))});
}

/// How many work-items share a sweep and how each walks.
struct Spread {
    size_t items = 1;
    size_t group = 1;
    cl_uint first = 1, step = 1, count = 1;
};

Spread spreadOver(const ClDevice &device, size_t vectors)
{
    Spread spread;
    const auto units = static_cast<size_t>(std::max(1, device.facts.computeUnits));
    spread.group = device.isCpu() ? 1 : 64;
    spread.items = std::min(kSinkItems, device.isCpu() ? units * 16 : units * 1024);
    spread.count = static_cast<cl_uint>(std::max<size_t>(1, vectors / spread.items));
    spread.first = device.isCpu() ? spread.count : 1;
    spread.step = device.isCpu() ? 1 : static_cast<cl_uint>(spread.items);
    return spread;
}

ClLaunch launchOf(ClKernel &kernel, const char *name, const Spread &spread)
{
    ClLaunch launch;
    launch.name = name;
    launch.kernel = std::move(kernel);
    launch.global[0] = spread.items;
    launch.local[0] = spread.group;
    return launch;
}

void setArgs(cl_kernel kernel, cl_uint from, const Spread &spread)
{
    clSetKernelArg(kernel, from, sizeof spread.first, &spread.first);
    clSetKernelArg(kernel, from + 1, sizeof spread.step, &spread.step);
    clSetKernelArg(kernel, from + 2, sizeof spread.count, &spread.count);
}

void setMathArgs(cl_kernel kernel, cl_mem sink, const Spread &spread)
{
    // a·½ + ½ has the fixed point 1, so that values stay normal however long the loop.
    const cl_float x = 0.5f, y = 0.5f;
    clSetKernelArg(kernel, 0, sizeof(cl_mem), &sink);
    clSetKernelArg(kernel, 1, sizeof x, &x);
    clSetKernelArg(kernel, 2, sizeof y, &y);
    clSetKernelArg(kernel, 3, sizeof spread.count, &spread.count);
}

/// Least time of several runs, µs.
ClResult<double> bestOf(const ClDevice &device, ClKernel &kernel, const char *name, const Spread &spread,
                        int runs = 8)
{
    std::vector<ClLaunch> launches;
    launches.push_back(launchOf(kernel, name, spread));
    double best = 0;
    ClResult<double> result = 0.0;
    for (int run = 0; run < runs && result; ++run) {
        const ClResult<float> us = runTimed(device, launches);
        if (!us)
            result = tl::make_unexpected(us.error());
        else if (*us > 0)
            best = best > 0 ? std::min(best, static_cast<double>(*us)) : static_cast<double>(*us);
    }
    kernel = std::move(launches.front().kernel);
    if (result)
        result = best;
    return result;
}

} // namespace

ClResult<ClHousekeeping> ClHousekeeping::make(const ClDevice &device)
{
    ClHousekeeping kept;
    cl_int status = CL_SUCCESS;
    std::array<const char *, 2> texts {kDigestSource, kSource};
    kept.m_program = ClProgramHandle(clCreateProgramWithSource(
        device.context.get(), static_cast<cl_uint>(texts.size()), texts.data(), nullptr, &status));
    if (status == CL_SUCCESS)
        status = clBuildProgram(kept.m_program.get(), 1, &device.id, "", nullptr, nullptr);
    if (status == CL_SUCCESS)
        kept.m_sweep = ClKernel(clCreateKernel(kept.m_program.get(), "sweep", &status));
    if (status == CL_SUCCESS)
        kept.m_copy = ClKernel(clCreateKernel(kept.m_program.get(), "copy", &status));
    if (status == CL_SUCCESS)
        kept.m_digest = ClKernel(clCreateKernel(kept.m_program.get(), "digest", &status));
    if (status == CL_SUCCESS)
        kept.m_multiplyAdd = ClKernel(clCreateKernel(kept.m_program.get(), "multiply_add", &status));
    if (status == CL_SUCCESS)
        kept.m_sink = ClBuffer(clCreateBuffer(device.context.get(), CL_MEM_READ_WRITE,
                                              kSinkItems * sizeof(float), nullptr, &status));
    if (status != CL_SUCCESS)
        return deviceProblem("the driver cannot build this program's own kernels", status);
    return kept;
}

ClResult<void> ClHousekeeping::reserve(const ClDevice &device, size_t bytes)
{
    if (m_bytes >= bytes)
        return {};
    cl_int status = CL_SUCCESS;
    m_memory = ClBuffer(clCreateBuffer(device.context.get(), CL_MEM_READ_WRITE, bytes, nullptr, &status));
    // Pages that were never written may all be one zero page, which would evict nothing.
    const cl_float one = 1;
    if (status == CL_SUCCESS)
        status = clEnqueueFillBuffer(device.queue.get(), m_memory.get(), &one, sizeof one, 0,
                                     bytes / sizeof one * sizeof one, 0, nullptr, nullptr);
    if (status != CL_SUCCESS)
        return deviceProblem("cannot make the buffer that flushes the cache", status);
    m_bytes = bytes;
    return {};
}

ClResult<void> ClHousekeeping::flushCache(const ClDevice &device, size_t bytes)
{
    if (bytes == 0)
        return {};
    if (auto done = reserve(device, bytes); !done)
        return done;
    const Spread spread = spreadOver(device, bytes / sizeof(cl_float4));
    const cl_mem memory = m_memory.get(), sink = m_sink.get();
    clSetKernelArg(m_sweep.get(), 0, sizeof(cl_mem), &memory);
    clSetKernelArg(m_sweep.get(), 1, sizeof(cl_mem), &sink);
    setArgs(m_sweep.get(), 2, spread);
    cl_int status = clEnqueueNDRangeKernel(device.queue.get(), m_sweep.get(), 1, nullptr, &spread.items,
                                           &spread.group, 0, nullptr, nullptr);
    if (status == CL_SUCCESS)
        status = clFinish(device.queue.get());
    if (status != CL_SUCCESS)
        return deviceProblem("cannot flush the cache", status);
    return {};
}

ClResult<uint64_t> ClHousekeeping::digest(const ClDevice &device, const ClBuffer &buffer, size_t offset,
                                          size_t bytes, uint64_t key)
{
    if (bytes == 0)
        return uint64_t {0};
    constexpr size_t kWord = sizeof(cl_ulong);
    // Few words are not worth many items; the sums must fit the sink.
    constexpr size_t kLeastWords = 1024;
    const size_t words = std::max<size_t>(1, bytes / kWord);
    Spread spread = spreadOver(device, words);
    const size_t worth = (words + kLeastWords - 1) / kLeastWords;
    spread.items = std::min({spread.items, kSinkItems * sizeof(float) / kWord, worth});
    spread.group = spread.items % spread.group == 0 ? spread.group : 1;
    const cl_ulong from = offset / kWord, count = bytes, secret = key;
    const cl_ulong first = device.isCpu() ? (words + spread.items - 1) / spread.items : 1;
    const cl_ulong step = device.isCpu() ? 1 : spread.items;
    const cl_mem memory = buffer.get(), sink = m_sink.get();
    clSetKernelArg(m_digest.get(), 0, sizeof(cl_mem), &memory);
    clSetKernelArg(m_digest.get(), 1, sizeof(cl_mem), &sink);
    cl_uint index = 2;
    for (const cl_ulong &value : {from, count, secret, first, step})
        clSetKernelArg(m_digest.get(), index++, sizeof value, &value);
    std::vector<cl_ulong> sums(spread.items);
    cl_int status = clEnqueueNDRangeKernel(device.queue.get(), m_digest.get(), 1, nullptr, &spread.items,
                                           &spread.group, 0, nullptr, nullptr);
    if (status == CL_SUCCESS)
        status = clEnqueueReadBuffer(device.queue.get(), m_sink.get(), CL_TRUE, 0, sums.size() * kWord,
                                     sums.data(), 0, nullptr, nullptr);
    if (status != CL_SUCCESS)
        return deviceProblem("cannot tell whether an input was changed", status);
    return std::accumulate(sums.begin(), sums.end(), cl_ulong {0});
}

ClResult<std::map<std::string, double>> ClHousekeeping::measurePeaks(const ClDevice &device)
{
    // Four times the cache, so that what is measured is memory.
    const size_t cache = std::max<size_t>(static_cast<size_t>(device.facts.globalCacheBytes), 8u << 20);
    const size_t bytes = std::min<size_t>(4 * cache, 256u << 20);
    std::map<std::string, double> peaks;
    cl_int status = CL_SUCCESS;
    const ClBuffer from(clCreateBuffer(device.context.get(), CL_MEM_READ_WRITE, bytes, nullptr, &status));
    const ClBuffer to(clCreateBuffer(device.context.get(), CL_MEM_READ_WRITE, bytes, nullptr, &status));
    if (!from || !to)
        return deviceProblem("cannot make the buffers that measure bandwidth", status);
    const cl_uint pattern = 0x3f800000;
    clEnqueueFillBuffer(device.queue.get(), from.get(), &pattern, sizeof pattern, 0, bytes, 0, nullptr,
                        nullptr);
    const Spread copySpread = spreadOver(device, bytes / sizeof(cl_float16));
    const cl_mem source = from.get(), target = to.get(), sink = m_sink.get();
    clSetKernelArg(m_copy.get(), 0, sizeof(cl_mem), &source);
    clSetKernelArg(m_copy.get(), 1, sizeof(cl_mem), &target);
    setArgs(m_copy.get(), 2, copySpread);
    const ClResult<double> copyUs = bestOf(device, m_copy, "copy", copySpread);
    if (!copyUs)
        return tl::make_unexpected(copyUs.error());
    const double moved = 2.0 * static_cast<double>(copySpread.items) * copySpread.count * sizeof(cl_float16);
    if (*copyUs > 0)
        peaks["copy_gbps"] = moved / *copyUs * 1e-3;

    const Spread readSpread = spreadOver(device, bytes / sizeof(cl_float4));
    clSetKernelArg(m_sweep.get(), 0, sizeof(cl_mem), &source);
    clSetKernelArg(m_sweep.get(), 1, sizeof(cl_mem), &sink);
    setArgs(m_sweep.get(), 2, readSpread);
    const ClResult<double> readUs = bestOf(device, m_sweep, "sweep", readSpread);
    if (!readUs)
        return tl::make_unexpected(readUs.error());
    if (*readUs > 0)
        peaks["read_gbps"] =
            static_cast<double>(readSpread.items) * readSpread.count * sizeof(cl_float4) / *readUs * 1e-3;

    Spread mathSpread = spreadOver(device, 1);
    mathSpread.count = device.isCpu() ? 20000 : 2000;
    setMathArgs(m_multiplyAdd.get(), sink, mathSpread);
    const ClResult<double> mathUs = bestOf(device, m_multiplyAdd, "multiply_add", mathSpread);
    if (!mathUs)
        return tl::make_unexpected(mathUs.error());
    const double operations = 2.0 * 8 * 16 * static_cast<double>(mathSpread.items) * mathSpread.count;
    if (*mathUs > 0)
        peaks["flops_f32_gflops"] = operations / *mathUs * 1e-3;
    return peaks;
}

ClResult<double> ClHousekeeping::wrongResults(const ClDevice &device, size_t items, float right) const
{
    std::vector<float> results(items);
    const cl_int status = clEnqueueReadBuffer(device.queue.get(), m_sink.get(), CL_TRUE, 0,
                                              items * sizeof(float), results.data(), 0, nullptr, nullptr);
    if (status != CL_SUCCESS)
        return deviceProblem("cannot read what the golden kernel made", status);
    return static_cast<double>(std::count_if(results.begin(), results.end(), [right](float result) {
        return result < right || result > right || result != result;
    }));
}

ClResult<std::map<std::string, double>> ClHousekeeping::golden(const ClDevice &device)
{
    constexpr int kRuns = 3;
    const size_t bytes = size_t {16} << 20;
    if (auto done = reserve(device, bytes); !done)
        return tl::make_unexpected(done.error());
    const cl_mem memory = m_memory.get(), sink = m_sink.get();
    const Spread readSpread = spreadOver(device, bytes / sizeof(cl_float4));
    clSetKernelArg(m_sweep.get(), 0, sizeof(cl_mem), &memory);
    clSetKernelArg(m_sweep.get(), 1, sizeof(cl_mem), &sink);
    setArgs(m_sweep.get(), 2, readSpread);
    const ClResult<double> readUs = bestOf(device, m_sweep, "sweep", readSpread, kRuns);
    if (!readUs)
        return tl::make_unexpected(readUs.error());
    // The memory holds ones: each item adds up as many as it reads.
    const auto ones = static_cast<float>(4 * readSpread.count);
    const ClResult<double> readWrong = wrongResults(device, readSpread.items, ones);
    if (!readWrong)
        return tl::make_unexpected(readWrong.error());

    Spread mathSpread = spreadOver(device, 1);
    mathSpread.count = device.isCpu() ? 20000 : 2000;
    setMathArgs(m_multiplyAdd.get(), sink, mathSpread);
    const ClResult<double> mathUs = bestOf(device, m_multiplyAdd, "multiply_add", mathSpread, kRuns);
    if (!mathUs)
        return tl::make_unexpected(mathUs.error());
    // x·½ + ½ comes to exactly 1 from any start within some thirty steps, in 8 · 16 lanes.
    const ClResult<double> mathWrong = wrongResults(device, mathSpread.items, 128.0f);
    if (!mathWrong)
        return tl::make_unexpected(mathWrong.error());
    return std::map<std::string, double> {
        {"read_us", *readUs}, {"fma_us", *mathUs}, {"wrong", *readWrong + *mathWrong}};
}

} // namespace ww
