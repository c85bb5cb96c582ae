// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaBinding.h"

#include "core/candidate/LibraryCalls.h"
#include "core/judge/ElementTypes.h"
#include "core/judge/RedZone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace ww {
namespace {

/// Queues writing; memory that is not registered with the driver may be given up at once.
CudaResult<void> write(const CudaDevice &device, CUdeviceptr to, std::span<const std::byte> bytes)
{
    if (bytes.empty())
        return {};
    return device.driver().checked(
        device.driver().cuMemcpyHtoDAsync(to, bytes.data(), bytes.size(), device.stream()),
        "cannot write to a buffer");
}

/// Queues reading.
CudaResult<void> read(const CudaDevice &device, CUdeviceptr from, std::span<std::byte> bytes)
{
    return device.driver().checked(
        device.driver().cuMemcpyDtoHAsync(bytes.data(), from, bytes.size(), device.stream()),
        "a kernel failed, or a buffer cannot be read");
}

/// What the plan gives, in the words of PTX.
struct Given {
    PtxParameter::Kind kind;
    int64_t bytes;
    std::string text; ///< "the buffer 'x'"
};

/// A 16-bit float is a struct of its bytes to the compiler.
bool fits(const Given &given, const PtxParameter &parameter)
{
    const bool bytes = parameter.kind == PtxParameter::Kind::Bytes && given.bytes < 4;
    return given.bytes == parameter.bytes && (given.kind == parameter.kind || bytes);
}

std::string nameOf(const PtxParameter &parameter)
{
    switch (parameter.kind) {
    case PtxParameter::Kind::Pointer: return "a pointer or a 64-bit integer";
    case PtxParameter::Kind::Integer: return fmt::format("an integer of {} bytes", parameter.bytes);
    case PtxParameter::Kind::Float:
        return fmt::format("a floating-point number of {} bytes", parameter.bytes);
    case PtxParameter::Kind::Bytes: return fmt::format("a struct of {} bytes", parameter.bytes);
    }
    return {};
}

} // namespace

size_t CudaGuardedBuffer::dataOffset() const
{
    return spec.shift + kRedZoneBytes;
}

const CudaGuardedBuffer *CudaBinding::find(const std::string &name, Seat seat, uint32_t set) const
{
    for (const CudaGuardedBuffer &buffer : m_buffers) {
        const bool mine = (buffer.spec.role != BufferSpec::Role::Scratch || buffer.spec.seat == seat)
            && (buffer.spec.role != BufferSpec::Role::Input || buffer.spec.set == set);
        if (mine && buffer.spec.name == name)
            return &buffer;
    }
    return nullptr;
}

CudaResult<void> CudaBinding::addBuffer(const CudaDevice &device, const BufferSpec &spec, uint64_t redZoneKey)
{
    CudaGuardedBuffer buffer;
    buffer.spec = spec;
    auto memory =
        CudaMemory::allocate(device, spec.shift + spec.bytes + 2 * kRedZoneBytes,
                             fmt::format("cannot make buffer '{}' of {} bytes", spec.name, spec.bytes));
    if (!memory)
        return tl::make_unexpected(memory.error());
    buffer.whole = std::move(*memory);
    std::vector<std::byte> zone(kRedZoneBytes);
    fillRedZone(zone, redZoneKey);
    if (auto done = write(device, buffer.whole.address() + spec.shift, zone); !done)
        return done;
    if (auto done = write(device, buffer.data() + spec.bytes, zone); !done)
        return done;
    m_buffers.push_back(std::move(buffer));
    return {};
}

CudaResult<void> CudaBinding::point(const CudaDevice &device, CudaArgument &argument,
                                    const CudaGuardedBuffer &buffer)
{
    const CUdeviceptr data = buffer.data();
    if (!argument.map) {
        std::memcpy(argument.value.data(), &data, sizeof data);
        return {};
    }
    const CudaResult<CUtensorMap> encoded = encodeTensorMap(device, *argument.map, data);
    if (!encoded)
        return tl::make_unexpected(encoded.error());
    std::memcpy(argument.value.data(), &*encoded, sizeof *encoded);
    return {};
}

CudaResult<CudaArgument> CudaBinding::argument(const CudaDevice &device, const ResolvedPlan &plan,
                                               const ResolvedLaunch::Arg &arg, const PtxParameter &parameter,
                                               Seat seat, const std::vector<ScalarSpec> &scalars) const
{
    using Kind = ResolvedLaunch::Arg::Kind;
    CudaArgument argument;
    Given given {PtxParameter::Kind::Integer, 4, fmt::format("the 32-bit int {}", arg.integer)};
    if (arg.kind == Kind::Buffer || arg.kind == Kind::TensorMap) {
        const auto map = std::find_if(plan.tensorMaps.begin(), plan.tensorMaps.end(),
                                      [&](const ResolvedTensorMap &known) { return known.name == arg.name; });
        const bool mapped = arg.kind == Kind::TensorMap && map != plan.tensorMaps.end();
        const std::string &name = mapped ? map->buffer : arg.name;
        const CudaGuardedBuffer *buffer = find(name, seat, 0);
        if (!buffer)
            return cudaProblem(Problem::Plan, fmt::format("there is no buffer '{}'", name));
        given = {PtxParameter::Kind::Pointer, sizeof(CUdeviceptr), fmt::format("the buffer '{}'", name)};
        if (mapped) {
            argument.map = *map;
            given = {PtxParameter::Kind::Bytes, sizeof(CUtensorMap),
                     fmt::format("the tensor map '{}' (const __grid_constant__ CUtensorMap)", arg.name)};
        }
        if (auto done = point(device, argument, *buffer); !done)
            return tl::make_unexpected(done.error());
        if (buffer->spec.role == BufferSpec::Role::Input)
            argument.input = name;
    } else if (arg.kind == Kind::Scalar) {
        const auto scalar = std::find_if(scalars.begin(), scalars.end(),
                                         [&](const ScalarSpec &known) { return known.name == arg.name; });
        if (scalar == scalars.end())
            return cudaProblem(Problem::Plan, fmt::format("the workload has no scalar '{}'", arg.name));
        storeElement(scalar->dtype, argument.value.data(), 0, scalar->value);
        given = {isFloat(scalar->dtype) ? PtxParameter::Kind::Float : PtxParameter::Kind::Integer,
                 static_cast<int64_t>(sizeOf(scalar->dtype)),
                 fmt::format("the {} scalar '{}'", toString(scalar->dtype), arg.name)};
    } else {
        const auto value = static_cast<int32_t>(arg.integer);
        std::memcpy(argument.value.data(), &value, sizeof value);
    }
    if (!fits(given, parameter))
        return cudaProblem(
            Problem::Plan,
            fmt::format("the kernel takes {}, the plan gives it {}", nameOf(parameter), given.text));
    return argument;
}

CudaResult<CudaLaunch> CudaBinding::libraryLaunch(const CudaDevice &device, const ResolvedLaunch &planned,
                                                  Seat seat) const
{
    if (!findLibraryCall(planned.kernel) || planned.args.size() != kLibraryArguments)
        return cudaProblem(Problem::Plan, fmt::format("there is no call '{}'", planned.kernel));
    if (const auto opened = CudaBlas::open(device); !opened)
        return tl::make_unexpected(opened.error());
    CudaLaunch launch;
    launch.name = planned.kernel;
    launch.sizes = planned;
    CudaBlasCall &call = launch.call.emplace();
    call.name = planned.kernel;
    const std::array tensors {&call.a, &call.b, &call.c};
    const std::array sizes {&call.m, &call.n, &call.k};
    for (size_t i = 0; i < tensors.size(); ++i) {
        const CudaGuardedBuffer *buffer = find(planned.args[i].name, seat, 0);
        if (!buffer)
            return cudaProblem(Problem::Plan, fmt::format("there is no buffer '{}'", planned.args[i].name));
        *tensors[i] = buffer->data();
        *sizes[i] = static_cast<int>(planned.args[tensors.size() + i].integer);
    }
    return launch;
}

CudaResult<void> CudaBinding::addLaunches(const CudaDevice &device, const ResolvedPlan &plan, Seat seat,
                                          const LoadedCudaProgram *program,
                                          const std::vector<ScalarSpec> &scalars)
{
    if (!program)
        return cudaProblem(Problem::Device, "a plan came without its program");
    for (const ResolvedLaunch &planned : plan.launches) {
        if (planned.isCall) {
            auto call = libraryLaunch(device, planned, seat);
            if (!call)
                return tl::make_unexpected(call.error());
            m_launches[static_cast<size_t>(seat)].push_back(std::move(*call));
            continue;
        }
        const auto kernel = program->kernels.find(planned.kernel);
        if (kernel == program->kernels.end() || kernel->second.parameters.size() != planned.args.size())
            return cudaProblem(
                Problem::Plan,
                fmt::format("kernel '{}' is not what the plan was checked against", planned.kernel));
        CudaLaunch launch;
        launch.name = planned.kernel;
        launch.sizes = planned;
        const CudaDriver &driver = device.driver();
        if (auto found = driver.checked(driver.cuModuleGetFunction(&launch.function, program->module.get(),
                                                                   kernel->second.symbol.c_str()),
                                        fmt::format("kernel '{}' cannot be had", planned.kernel));
            !found)
            return found;
        for (size_t i = 0; i < planned.args.size(); ++i) {
            auto made = argument(device, plan, planned.args[i], kernel->second.parameters[i], seat, scalars);
            if (!made)
                return cudaProblem(made.error().problem,
                                   fmt::format("argument {} of kernel '{}': {}", i + 1, planned.kernel,
                                               made.error().message));
            launch.arguments.push_back(std::move(*made));
        }
        if (auto ready = prepareFunction(device, launch.function, planned); !ready)
            return ready;
        m_launches[static_cast<size_t>(seat)].push_back(std::move(launch));
    }
    return {};
}

CudaHousekeeping::Digested CudaBinding::digested(const CudaGuardedBuffer &buffer) const
{
    return {buffer.data(), buffer.spec.bytes, buffer.spec.digestKey};
}

CudaResult<void> CudaBinding::fillInputs(const CudaBench &bench, std::vector<OwnedFd> memory)
{
    const CudaDevice &device = bench.device;
    std::vector<const CudaGuardedBuffer *> inputs;
    std::vector<std::optional<size_t>> copied; // of each input, its place among the digests
    std::vector<CudaHousekeeping::Digested> wanted;
    for (const CudaGuardedBuffer &buffer : m_buffers) {
        const BufferSpec &spec = buffer.spec;
        if (spec.role != BufferSpec::Role::Input)
            continue;
        inputs.push_back(&buffer);
        copied.emplace_back();
        const auto kept = bench.inputs.find(spec.digest, spec.bytes);
        if (!kept)
            continue;
        const CUresult code =
            device.driver().cuMemcpyDtoDAsync(buffer.data(), *kept, spec.bytes, device.stream());
        if (auto done = device.driver().checked(code, "cannot copy an input"); !done)
            return done;
        copied.back() = wanted.size();
        wanted.push_back(digested(buffer));
    }
    const auto digests = bench.housekeeping.digests(wanted, "the inputs cannot be laid out");
    if (!digests)
        return tl::make_unexpected(digests.error());
    for (size_t i = 0; i < inputs.size(); ++i) {
        const BufferSpec &spec = inputs[i]->spec;
        if (copied[i] && (*digests)[*copied[i]] == spec.digest)
            continue;
        // New here, or damaged by a kernel that wrote where it must not.
        bench.inputs.drop(spec.digest);
        if (i >= memory.size())
            return cudaProblem(Problem::Device, "a descriptor is missing");
        const Result<SharedMemory> bytes = SharedMemory::open(std::move(memory[i]), spec.bytes, false);
        if (!bytes)
            return cudaProblem(Problem::Device, bytes.error().message());
        if (auto written = write(device, inputs[i]->data(), bytes->bytes()); !written)
            return written;
        bench.inputs.keep(spec.digest, inputs[i]->data(), spec.bytes);
        if (auto done = device.finish("the inputs cannot be laid out"); !done)
            return done;
    }
    return {};
}

CudaResult<std::unique_ptr<CudaBinding>>
CudaBinding::make(const CudaBench &bench, const BindRequest &request, std::vector<OwnedFd> fds,
                  const std::array<const LoadedCudaProgram *, 2> &programs)
{
    const CudaDevice &device = bench.device;
    std::unique_ptr<CudaBinding> binding(new CudaBinding);
    binding->m_layout = layoutOf(request.buffers);
    if (request.newReturned > 0 && !fds.empty()) {
        Result<SharedMemory> memory = SharedMemory::open(std::move(fds.back()), request.newReturned, true);
        if (!memory)
            return cudaProblem(Problem::Device, memory.error().message());
        fds.pop_back();
        bench.returned.take(std::move(*memory));
    }
    if (bench.returned.bytes().size() < kReturnSlots * binding->m_layout.totalBytes)
        return cudaProblem(Problem::Device, "there is too little memory to give back to");
    for (const BufferSpec &spec : request.buffers) {
        if (auto added = binding->addBuffer(device, spec, request.redZoneKey); !added)
            return tl::make_unexpected(added.error());
    }
    if (auto filled = binding->fillInputs(bench, std::move(fds)); !filled)
        return tl::make_unexpected(filled.error());
    const std::array plans {&request.candidate, &request.baseline};
    for (size_t seat = 0; seat < plans.size(); ++seat) {
        if (!plans[seat]->has_value())
            continue;
        if (auto added = binding->addLaunches(device, **plans[seat], static_cast<Seat>(seat), programs[seat],
                                              request.scalars);
            !added)
            return tl::make_unexpected(added.error());
    }
    return binding;
}

CudaResult<const std::vector<CudaLaunch> *> CudaBinding::launches(const CudaDevice &device, PlanRun run)
{
    const auto seat = static_cast<size_t>(run.seat);
    m_lastSet = run.set;
    if (m_set[seat] == run.set)
        return &m_launches[seat];
    for (CudaLaunch &launch : m_launches[seat]) {
        for (CudaArgument &argument : launch.arguments) {
            if (argument.input.empty())
                continue;
            const CudaGuardedBuffer *buffer = find(argument.input, run.seat, run.set);
            if (!buffer)
                return cudaProblem(Problem::Device, fmt::format("there is no set {} of inputs", run.set));
            if (auto done = point(device, argument, *buffer); !done)
                return tl::make_unexpected(done.error());
        }
    }
    m_set[seat] = run.set;
    return &m_launches[seat];
}

CudaResult<void> CudaBinding::poison(const CudaDevice &device, Seat seat, uint8_t byte) const
{
    const CudaDriver &driver = device.driver();
    for (const CudaGuardedBuffer &buffer : m_buffers) {
        const BufferSpec &spec = buffer.spec;
        const bool others = spec.role == BufferSpec::Role::Scratch && spec.seat != seat;
        if (spec.role == BufferSpec::Role::Input || others || spec.bytes == 0)
            continue;
        if (auto filled =
                driver.checked(driver.cuMemsetD8Async(buffer.data(), spec.zeroed ? uint8_t {0} : byte,
                                                      spec.bytes, device.stream()),
                               "cannot fill a buffer");
            !filled)
            return filled;
    }
    return {};
}

CudaResult<std::vector<uint64_t>> CudaBinding::giveBack(const CudaBench &bench, uint32_t slot) const
{
    const CudaDevice &device = bench.device;
    const std::span<std::byte> memory =
        bench.returned.bytes().subspan(slot * m_layout.totalBytes, m_layout.totalBytes);
    std::vector<CudaHousekeeping::Digested> inputs;
    for (size_t i = 0; i < m_buffers.size(); ++i) {
        const CudaGuardedBuffer &buffer = m_buffers[i];
        const BufferPlace &place = m_layout.places[i];
        if (auto done = read(device, buffer.whole.address() + buffer.spec.shift,
                             memory.subspan(place.head, kRedZoneBytes + place.dataBytes));
            !done)
            return tl::make_unexpected(done.error());
        if (auto done =
                read(device, buffer.data() + buffer.spec.bytes, memory.subspan(place.tail, kRedZoneBytes));
            !done)
            return tl::make_unexpected(done.error());
        if (buffer.spec.role == BufferSpec::Role::Input && buffer.spec.set == m_lastSet)
            inputs.push_back(digested(buffer));
    }
    return bench.housekeeping.digests(inputs, "a kernel failed, or a buffer cannot be read");
}

} // namespace ww
