// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaHousekeeping.h"

#include "core/judge/Digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ww {
namespace {

constexpr const char *kSource = R"(
struct Mailbox { volatile unsigned released; volatile unsigned long long ticks, ns; };

__device__ unsigned long long nanoseconds()
{
    unsigned long long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
}
extern "C" __global__ void hold(Mailbox *box, unsigned ticket, unsigned long long atLeastNs, unsigned long long atMostNs)
{
    const unsigned long long begin = nanoseconds();
    const long long firstTick = clock64();
    unsigned long long held = 0;
    do
        held = nanoseconds() - begin;
    while (held < atLeastNs || (box->released != ticket && held < atMostNs));
    box->ticks = clock64() - firstTick;
    box->ns = held;
    __threadfence_system();
}
extern "C" __global__ void sweep(const float4 *memory, float *sink, unsigned long long count)
{
    const unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
    const unsigned item = blockIdx.x * blockDim.x + threadIdx.x;
    float sum = 0;
#pragma unroll 8
    for (unsigned long long at = item; at < count; at += step) {
        const float4 value = memory[at];
        sum += value.x + value.y + value.z + value.w;
    }
    sink[item] = sum;
}
extern "C" __global__ void copy(const float4 *from, float4 *to, unsigned long long count)
{
    const unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
#pragma unroll 4
    for (unsigned long long at = blockIdx.x * blockDim.x + threadIdx.x; at < count; at += step)
        to[at] = from[at];
}
extern "C" __global__ void digest(const ulong *words, ulong bytes, ulong key, ulong *total)
{
    const ulong step = (ulong)gridDim.x * blockDim.x, item = blockIdx.x * blockDim.x + threadIdx.x;
    const ulong count = bytes / 8;
    ulong sum = 0;
    for (ulong at = item; at < count; at += step)
        sum += digest_mix(words[at], at, key);
    if (item == 0 && bytes % 8 != 0) {
        const unsigned char *rest = (const unsigned char *)(words + count);
        ulong last = 0;
        for (unsigned i = 0; i < bytes % 8; ++i)
            last |= (ulong)rest[i] << (8 * i);
        sum += digest_mix(last, count, key);
    }
    for (int apart = 16; apart > 0; apart /= 2)
        sum += __shfl_down_sync(0xffffffffu, sum, apart);
    if (threadIdx.x % 32 == 0)
        atomicAdd(total, sum);
}
extern "C" __global__ void multiply_add(float *sink, float x, float y, unsigned count)
{
    float a[16];
#pragma unroll
    for (int i = 0; i < 16; ++i)
        a[i] = x + i;
    for (unsigned n = 0; n < count; ++n) {
#pragma unroll
        for (int i = 0; i < 16; ++i)
            a[i] = fmaf(a[i], x, y);
    }
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 16; ++i)
        sum += a[i];
    sink[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}
)";

constexpr unsigned kThreads = 256;
constexpr unsigned kBlocksPerUnit = 8; ///< fills every multiprocessor: 2048 threads
constexpr uint64_t kHoldAtLeastNs = 20'000, kHoldAtMostNs = 2'000'000'000;
constexpr unsigned kChains = 16;

/// Dense multiply-adds a clock and multiprocessor of the matrix units, f16 and bf16 operands: vendor's
/// architecture papers (Turing to Blackwell). The others follow: half of it for tf32, twice for 8 bits.
double matrixOperationsPerClock(int architecture)
{
    switch (architecture) {
    case 80: return 1024;
    case 90: return 2048;
    case 100:
    case 103: return 4096;
    case 110: return 2048;
    case 120:
    case 121: return 1024;
    default: return 512;
    }
}

} // namespace

CudaResult<std::unique_ptr<CudaHousekeeping>> CudaHousekeeping::make(const CudaDevice &device,
                                                                     const Nvrtc &nvrtc)
{
    std::unique_ptr<CudaHousekeeping> made(new CudaHousekeeping(device));
    if (auto done = made->prepare(nvrtc); !done)
        return tl::make_unexpected(done.error());
    return made;
}

CudaHousekeeping::~CudaHousekeeping()
{
    if (m_mailbox)
        m_device.driver().cuMemFreeHost(m_mailbox);
}

CudaResult<void> CudaHousekeeping::prepare(const Nvrtc &nvrtc)
{
    const CudaDriver &driver = m_device.driver();
    const std::string source =
        std::string("typedef unsigned long long ulong;\n__device__ ") + kDigestSource + kSource;
    const Nvrtc::Output output = nvrtc.compile(
        source, {"--gpu-architecture=" + cudaTargetName(m_device.architecture().number), "--std=c++17"});
    if (output.status != NVRTC_SUCCESS)
        return cudaProblem(Problem::Device, "this program's own kernels do not compile: " + output.log);
    auto module = CudaModule::load(m_device, output.cubin);
    if (!module)
        return tl::make_unexpected(module.error());
    m_module = std::move(*module);
    for (const auto &[name, function] :
         {std::pair("hold", &m_hold), std::pair("sweep", &m_sweep), std::pair("copy", &m_copy),
          std::pair("multiply_add", &m_multiplyAdd), std::pair("digest", &m_digest)}) {
        if (auto found = driver.checked(driver.cuModuleGetFunction(function, m_module.get(), name), name);
            !found)
            return found;
    }
    void *mailbox = nullptr;
    if (auto had = driver.checked(driver.cuMemHostAlloc(&mailbox, sizeof(Mailbox), CU_MEMHOSTALLOC_DEVICEMAP),
                                  "cannot have memory that host and device share");
        !had)
        return had;
    m_mailbox = static_cast<Mailbox *>(mailbox);
    std::memset(mailbox, 0, sizeof(Mailbox));
    if (auto had = driver.checked(driver.cuMemHostGetDevicePointer(&m_mailboxAddress, mailbox, 0),
                                  "the device does not see shared memory");
        !had)
        return had;
    auto sink = CudaMemory::allocate(m_device, sinkItems() * sizeof(float), "cannot make a buffer");
    auto begin = CudaEvent::create(m_device), end = CudaEvent::create(m_device);
    if (!sink || !begin || !end)
        return tl::make_unexpected(!sink ? sink.error() : !begin ? begin.error() : end.error());
    m_sink = std::move(*sink);
    m_begin = std::move(*begin);
    m_end = std::move(*end);
    return {};
}

unsigned CudaHousekeeping::sinkItems() const
{
    return static_cast<unsigned>(std::max(1, m_device.facts().computeUnits)) * kBlocksPerUnit * kThreads;
}

CudaResult<void> CudaHousekeeping::reserve(size_t bytes)
{
    if (m_memory.bytes() >= bytes)
        return {};
    auto memory = CudaMemory::allocate(m_device, bytes, "cannot make the buffer that flushes the cache");
    if (!memory)
        return tl::make_unexpected(memory.error());
    m_memory = std::move(*memory);
    // All ones, by which the golden kernel is checked.
    constexpr unsigned kOne = 0x3f800000;
    return m_device.driver().checked(m_device.driver().cuMemsetD32Async(
                                         m_memory.address(), kOne, bytes / sizeof(float), m_device.stream()),
                                     "cannot fill the buffer that flushes the cache");
}

CudaResult<void> CudaHousekeeping::launch(CUfunction function, unsigned blocks, unsigned threads,
                                          std::vector<void *> arguments) const
{
    CUlaunchConfig config {};
    config.gridDimX = blocks;
    config.blockDimX = threads;
    config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
    config.hStream = m_device.stream();
    return m_device.driver().checked(
        m_device.driver().cuLaunchKernelEx(&config, function, arguments.data(), nullptr),
        "this program's own kernel cannot be launched");
}

CudaResult<void> CudaHousekeeping::sweep(size_t bytes) const
{
    CUdeviceptr memory = m_memory.address(), sink = m_sink.address();
    uint64_t count = bytes / 16;
    return launch(m_sweep, sinkItems() / kThreads, kThreads, {&memory, &sink, &count});
}

CudaResult<void> CudaHousekeeping::copy(CUdeviceptr from, CUdeviceptr to, size_t bytes) const
{
    uint64_t count = bytes / 16;
    return launch(m_copy, sinkItems() / kThreads, kThreads, {&from, &to, &count});
}

CudaResult<void> CudaHousekeeping::multiplyAdd(unsigned count) const
{
    CUdeviceptr sink = m_sink.address();
    // a·½ + ½ has the fixed point 1, so that values stay normal however long the loop.
    float x = 0.5f, y = 0.5f;
    return launch(m_multiplyAdd, sinkItems() / kThreads, kThreads, {&sink, &x, &y, &count});
}

CudaResult<void> CudaHousekeeping::flushCache(size_t bytes)
{
    if (bytes == 0)
        return {};
    bytes = std::max(bytes, 2 * static_cast<size_t>(m_device.facts().globalCacheBytes));
    if (auto done = reserve(bytes); !done)
        return done;
    return sweep(bytes);
}

CudaResult<std::vector<uint64_t>> CudaHousekeeping::digests(const std::vector<Digested> &wanted,
                                                            const std::string &what)
{
    const CudaDriver &driver = m_device.driver();
    std::vector<uint64_t> found(wanted.size());
    // The sink is larger than a message has room for inputs.
    const size_t bytes = found.size() * sizeof(uint64_t);
    const auto zeroed = bytes == 0
        ? CudaResult<void> {}
        : driver.checked(driver.cuMemsetD8Async(m_sink.address(), 0, bytes, m_device.stream()), what);
    if (!zeroed)
        return tl::make_unexpected(zeroed.error());
    for (size_t i = 0; i < wanted.size(); ++i) {
        CUdeviceptr data = wanted[i].data, total = m_sink.address() + i * sizeof(uint64_t);
        uint64_t size = wanted[i].bytes, key = wanted[i].key;
        constexpr uint64_t kBytesOfBlock = uint64_t {kThreads} * 64;
        const auto blocks =
            static_cast<unsigned>(std::clamp<uint64_t>(size / kBytesOfBlock, 1, sinkItems() / kThreads));
        if (auto done = launch(m_digest, blocks, kThreads, {&data, &size, &key, &total}); !done)
            return tl::make_unexpected(done.error());
    }
    if (auto done = m_device.finish(what); !done)
        return tl::make_unexpected(done.error());
    if (bytes > 0) {
        const CUresult code = driver.cuMemcpyDtoH(found.data(), m_sink.address(), bytes);
        if (auto done = driver.checked(code, what); !done)
            return tl::make_unexpected(done.error());
    }
    return found;
}

CudaResult<void> CudaHousekeeping::hold()
{
    ++m_ticket;
    CUdeviceptr mailbox = m_mailboxAddress;
    uint64_t atLeast = kHoldAtLeastNs, atMost = kHoldAtMostNs;
    uint32_t ticket = m_ticket;
    return launch(m_hold, 1, 1, {&mailbox, &ticket, &atLeast, &atMost});
}

void CudaHousekeeping::release()
{
    m_mailbox->released = m_ticket;
}

float CudaHousekeeping::heldMhz() const
{
    const uint64_t ns = m_mailbox->heldNs;
    return ns == 0
        ? 0.0f
        : static_cast<float>(static_cast<double>(m_mailbox->heldTicks) * 1e3 / static_cast<double>(ns));
}

/// Least time of several runs, µs.
CudaResult<double> CudaHousekeeping::bestOf(int runs, const std::function<CudaResult<void>()> &queue) const
{
    const CudaDriver &driver = m_device.driver();
    double best = 0;
    for (int run = 0; run < runs; ++run) {
        driver.cuEventRecord(m_begin.get(), m_device.stream());
        if (auto done = queue(); !done)
            return tl::make_unexpected(done.error());
        driver.cuEventRecord(m_end.get(), m_device.stream());
        if (auto done = m_device.finish("this program's own kernel failed"); !done)
            return tl::make_unexpected(done.error());
        float ms = 0;
        driver.cuEventElapsedTime(&ms, m_begin.get(), m_end.get());
        if (ms > 0)
            best = best > 0 ? std::min(best, ms * 1e3) : ms * 1e3;
    }
    return best;
}

CudaResult<std::map<std::string, double>> CudaHousekeeping::measurePeaks()
{
    // Well beyond the cache, so that what is measured is memory.
    const size_t bytes =
        std::max<size_t>(8 * static_cast<size_t>(m_device.facts().globalCacheBytes), 256u << 20);
    if (auto done = reserve(bytes); !done)
        return tl::make_unexpected(done.error());
    const auto target =
        CudaMemory::allocate(m_device, bytes, "cannot make the buffers that measure bandwidth");
    if (!target)
        return tl::make_unexpected(target.error());
    constexpr int kRuns = 8;
    constexpr unsigned kSteps = 8192;
    const auto copyUs = bestOf(kRuns, [&] { return copy(m_memory.address(), target->address(), bytes); });
    const auto readUs = bestOf(kRuns, [&] { return sweep(bytes); });
    const auto mathUs = bestOf(kRuns, [&] { return multiplyAdd(kSteps); });
    for (const CudaResult<double> *us : {&copyUs, &readUs, &mathUs}) {
        if (!*us)
            return tl::make_unexpected(us->error());
    }
    std::map<std::string, double> peaks;
    const auto rate = [](double amount, double us) { return us > 0 ? amount / us * 1e-3 : 0; };
    peaks["copy_gbps"] = rate(2.0 * static_cast<double>(bytes), *copyUs);
    peaks["read_gbps"] = rate(static_cast<double>(bytes), *readUs);
    peaks["flops_f32_gflops"] = rate(2.0 * kChains * kSteps * sinkItems(), *mathUs);
    const double megahertz = m_device.attribute(CU_DEVICE_ATTRIBUTE_CLOCK_RATE) * 1e-3;
    const double matrix = 2 * matrixOperationsPerClock(m_device.architecture().number)
        * m_device.facts().computeUnits * megahertz * 1e-3;
    peaks["flops_f16_gflops"] = matrix;
    peaks["flops_tf32_gflops"] = matrix / 2;
    peaks["flops_8bit_gflops"] = matrix * 2;
    return peaks;
}

CudaResult<double> CudaHousekeeping::wrongResults(float right) const
{
    std::vector<float> results(sinkItems());
    if (auto done = m_device.driver().checked(
            m_device.driver().cuMemcpyDtoH(results.data(), m_sink.address(), results.size() * sizeof(float)),
            "cannot read what the golden kernel made");
        !done)
        return tl::make_unexpected(done.error());
    return static_cast<double>(std::count_if(results.begin(), results.end(), [right](float result) {
        return result < right || result > right || result != result;
    }));
}

CudaResult<std::map<std::string, double>> CudaHousekeeping::golden()
{
    constexpr int kRuns = 3;
    constexpr unsigned kSteps = 2048;
    // Every thread reads equally often, and thus adds up as many ones.
    constexpr unsigned kReads = 64;
    const size_t bytes = size_t {sinkItems()} * kReads * 16;
    if (auto done = reserve(bytes); !done)
        return tl::make_unexpected(done.error());
    const auto readUs = bestOf(kRuns, [&] { return sweep(bytes); });
    if (!readUs)
        return tl::make_unexpected(readUs.error());
    const auto readWrong = wrongResults(4.0f * kReads);
    const auto mathUs = bestOf(kRuns, [&] { return multiplyAdd(kSteps); });
    if (!readWrong || !mathUs)
        return tl::make_unexpected(readWrong ? mathUs.error() : readWrong.error());
    const auto mathWrong = wrongResults(static_cast<float>(kChains));
    if (!mathWrong)
        return tl::make_unexpected(mathWrong.error());
    return std::map<std::string, double> {
        {"read_us", *readUs}, {"fma_us", *mathUs}, {"wrong", *readWrong + *mathWrong}};
}

} // namespace ww
