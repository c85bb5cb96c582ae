// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/opencl/ClBinding.h"

#include "core/judge/ElementTypes.h"
#include "core/judge/RedZone.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace ww {
namespace {

tl::unexpected<ClProblem> problem(Problem kind, std::string message)
{
    return tl::make_unexpected(ClProblem {kind, std::move(message)});
}

/// Succeeds on CL_SUCCESS; memory the device does not have is the plan's doing, the rest the device's.
ClResult<void> checked(cl_int status, const char *what)
{
    if (status == CL_SUCCESS)
        return {};
    const bool resource = status == CL_MEM_OBJECT_ALLOCATION_FAILURE || status == CL_OUT_OF_RESOURCES
        || status == CL_OUT_OF_HOST_MEMORY || status == CL_INVALID_BUFFER_SIZE;
    return problem(resource ? Problem::Resource : Problem::Device,
                   fmt::format("{}: {}", what, clErrorName(status)));
}

ClResult<void> write(const ClDevice &device, const ClBuffer &buffer, size_t offset,
                     std::span<const std::byte> bytes)
{
    if (bytes.empty())
        return {};
    return checked(clEnqueueWriteBuffer(device.queue.get(), buffer.get(), CL_TRUE, offset, bytes.size(),
                                        bytes.data(), 0, nullptr, nullptr),
                   "cannot write to a buffer");
}

ClResult<void> read(const ClDevice &device, const ClBuffer &buffer, size_t offset, std::span<std::byte> bytes)
{
    return checked(clEnqueueReadBuffer(device.queue.get(), buffer.get(), CL_TRUE, offset, bytes.size(),
                                       bytes.data(), 0, nullptr, nullptr),
                   "cannot read a buffer");
}

ClResult<void> fill(const ClDevice &device, const ClGuardedBuffer &buffer, uint8_t byte)
{
    if (buffer.spec.bytes == 0)
        return {};
    return checked(clEnqueueFillBuffer(device.queue.get(), buffer.whole.get(), &byte, 1, buffer.dataOffset(),
                                       buffer.spec.bytes, 0, nullptr, nullptr),
                   "cannot fill a buffer");
}

/// Whether the kernel declares argument `index` as a pointer to global or constant memory; nothing where the
/// driver does not tell.
std::optional<bool> isPointer(cl_kernel kernel, cl_uint index)
{
    cl_kernel_arg_address_qualifier space = 0;
    if (clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof space, &space, nullptr)
        != CL_SUCCESS)
        return std::nullopt;
    return space == CL_KERNEL_ARG_ADDRESS_GLOBAL || space == CL_KERNEL_ARG_ADDRESS_CONSTANT;
}

} // namespace

size_t ClGuardedBuffer::dataOffset() const
{
    return spec.shift + kRedZoneBytes;
}

const ClGuardedBuffer *ClBinding::find(const std::string &name, Seat seat, uint32_t set) const
{
    using Role = BufferSpec::Role;
    for (const ClGuardedBuffer &buffer : m_buffers) {
        const bool mine = (buffer.spec.role != Role::Scratch || buffer.spec.seat == seat)
            && (buffer.spec.role != Role::Input || buffer.spec.set == set);
        if (mine && buffer.spec.name == name)
            return &buffer;
    }
    return nullptr;
}

ClResult<void> ClBinding::addBuffer(const ClDevice &device, const BufferSpec &spec,
                                    std::span<const std::byte> zone)
{
    ClGuardedBuffer buffer;
    buffer.spec = spec;
    cl_int status = CL_SUCCESS;
    const size_t total = spec.shift + spec.bytes + 2 * kRedZoneBytes;
    buffer.whole = ClBuffer(clCreateBuffer(device.context.get(), CL_MEM_READ_WRITE, total, nullptr, &status));
    if (!buffer.whole)
        return checked(status,
                       fmt::format("cannot make buffer '{}' of {} bytes", spec.name, spec.bytes).c_str());
    // OpenCL has no empty buffers; an empty tensor gets one byte that is red zone.
    const cl_buffer_region region {buffer.dataOffset(), std::max<size_t>(spec.bytes, 1)};
    buffer.data = ClBuffer(clCreateSubBuffer(buffer.whole.get(), CL_MEM_READ_WRITE,
                                             CL_BUFFER_CREATE_TYPE_REGION, &region, &status));
    if (!buffer.data)
        return checked(status, "cannot place a buffer between its red zones");
    if (auto done = write(device, buffer.whole, spec.shift, zone); !done)
        return done;
    if (auto done = write(device, buffer.whole, buffer.dataOffset() + spec.bytes, zone); !done)
        return done;
    m_buffers.push_back(std::move(buffer));
    return {};
}

ClResult<void> ClBinding::setArgument(const ClLaunch &launch, cl_uint index, const ResolvedLaunch::Arg &arg,
                                      Seat seat, const std::vector<ScalarSpec> &scalars) const
{
    using Kind = ResolvedLaunch::Arg::Kind;
    const auto refuse = [&](const std::string &why) {
        return problem(Problem::Plan,
                       fmt::format("argument {} of kernel '{}': {}", index + 1, launch.name, why));
    };
    const std::optional<bool> pointer = isPointer(launch.kernel.get(), index);
    if (pointer && *pointer != (arg.kind == Kind::Buffer))
        return refuse(
            *pointer ? fmt::format("the kernel takes a pointer, the plan gives it the number '{}'",
                                   arg.name.empty() ? std::to_string(arg.integer) : arg.name)
                     : fmt::format("the kernel takes a value, the plan gives it the buffer '{}'", arg.name));
    cl_int status = CL_SUCCESS;
    if (arg.kind == Kind::Buffer) {
        const ClGuardedBuffer *buffer = find(arg.name, seat, 0);
        if (!buffer)
            return refuse(fmt::format("there is no buffer '{}'", arg.name));
        const cl_mem data = buffer->data.get();
        status = clSetKernelArg(launch.kernel.get(), index, sizeof(cl_mem), &data);
    } else if (arg.kind == Kind::Scalar) {
        const auto scalar = std::find_if(scalars.begin(), scalars.end(),
                                         [&](const ScalarSpec &known) { return known.name == arg.name; });
        if (scalar == scalars.end())
            return refuse(fmt::format("the workload has no scalar '{}'", arg.name));
        std::array<std::byte, sizeof(double)> value {};
        storeElement(scalar->dtype, value.data(), 0, scalar->value);
        status = clSetKernelArg(launch.kernel.get(), index, sizeOf(scalar->dtype), value.data());
    } else {
        if (arg.integer < std::numeric_limits<cl_int>::min()
            || arg.integer > std::numeric_limits<cl_int>::max())
            return refuse(fmt::format("{} does not fit a 32-bit int", arg.integer));
        const auto value = static_cast<cl_int>(arg.integer);
        status = clSetKernelArg(launch.kernel.get(), index, sizeof value, &value);
    }
    if (status == CL_INVALID_ARG_SIZE)
        return refuse("its size is not that of the kernel's parameter (axes and integers are passed as int)");
    if (status != CL_SUCCESS)
        return refuse(clErrorName(status));
    return {};
}

ClResult<void> ClBinding::addLaunches(const ResolvedPlan &plan, Seat seat, cl_program program,
                                      const std::vector<ScalarSpec> &scalars)
{
    if (!program)
        return problem(Problem::Device, "a plan came without its program");
    std::vector<ClLaunch> &launches = m_launches[static_cast<size_t>(seat)];
    for (const ResolvedLaunch &planned : plan.launches) {
        ClLaunch launch;
        cl_int status = CL_SUCCESS;
        launch.name = planned.kernel;
        launch.kernel = ClKernel(clCreateKernel(program, planned.kernel.c_str(), &status));
        if (!launch.kernel)
            return problem(Problem::Plan,
                           fmt::format("kernel '{}': {}", planned.kernel, clErrorName(status)));
        for (size_t i = 0; i < planned.block.size(); ++i) {
            launch.local[i] = planned.block[i];
            launch.global[i] = planned.grid[i] * planned.block[i];
        }
        cl_uint index = 0;
        for (const ResolvedLaunch::Arg &arg : planned.args) {
            if (auto set = setArgument(launch, index, arg, seat, scalars); !set)
                return set;
            if (arg.kind == ResolvedLaunch::Arg::Kind::Buffer
                && find(arg.name, seat, 0)->spec.role == BufferSpec::Role::Input)
                launch.inputs.emplace_back(index, arg.name);
            ++index;
        }
        if (planned.sharedBytes > 0
            && clSetKernelArg(launch.kernel.get(), index, planned.sharedBytes, nullptr) != CL_SUCCESS)
            return problem(
                Problem::Plan,
                fmt::format("kernel '{}' does not take shared memory as its last argument; declare "
                            "it as '__local … *' there",
                            planned.kernel));
        launches.push_back(std::move(launch));
    }
    return {};
}

ClResult<std::unique_ptr<ClBinding>> ClBinding::make(const ClDevice &device, const BindRequest &request,
                                                     std::vector<OwnedFd> fds,
                                                     const std::array<cl_program, 2> &programs,
                                                     SharedMemory &returned)
{
    std::unique_ptr<ClBinding> binding(new ClBinding);
    binding->m_layout = layoutOf(request.buffers);
    std::vector<std::byte> zone(kRedZoneBytes);
    fillRedZone(zone, request.redZoneKey);
    size_t nextFd = 0;
    const auto share = [&](size_t bytes, bool writable) -> ClResult<SharedMemory> {
        if (nextFd >= fds.size())
            return problem(Problem::Device, "a descriptor is missing");
        Result<SharedMemory> memory = SharedMemory::open(std::move(fds[nextFd++]), bytes, writable);
        if (!memory)
            return problem(Problem::Device, memory.error().message());
        return std::move(*memory);
    };
    for (const BufferSpec &spec : request.buffers) {
        if (auto added = binding->addBuffer(device, spec, zone); !added)
            return tl::make_unexpected(added.error());
        if (spec.role != BufferSpec::Role::Input)
            continue;
        const ClResult<SharedMemory> bytes = share(spec.bytes, false);
        if (!bytes)
            return tl::make_unexpected(bytes.error());
        const ClGuardedBuffer &input = binding->m_buffers.back();
        if (auto written = write(device, input.whole, input.dataOffset(), bytes->bytes()); !written)
            return tl::make_unexpected(written.error());
    }
    if (request.newReturned > 0) {
        ClResult<SharedMemory> memory = share(request.newReturned, true);
        if (!memory)
            return tl::make_unexpected(memory.error());
        returned = std::move(*memory);
    }
    if (returned.bytes().size() < kReturnSlots * binding->m_layout.totalBytes)
        return problem(Problem::Device, "there is too little memory to give back to");
    const std::array plans {&request.candidate, &request.baseline};
    for (size_t seat = 0; seat < plans.size(); ++seat) {
        if (!plans[seat]->has_value())
            continue;
        if (auto added =
                binding->addLaunches(**plans[seat], static_cast<Seat>(seat), programs[seat], request.scalars);
            !added)
            return tl::make_unexpected(added.error());
    }
    return binding;
}

ClResult<const std::vector<ClLaunch> *> ClBinding::launches(PlanRun run)
{
    const auto seat = static_cast<size_t>(run.seat);
    for (const ClLaunch &launch : m_launches[seat]) {
        if (m_set[seat] == run.set)
            break;
        for (const auto &[index, name] : launch.inputs) {
            const ClGuardedBuffer *buffer = find(name, run.seat, run.set);
            if (!buffer)
                return problem(Problem::Device, fmt::format("there is no set {} of inputs", run.set));
            const cl_mem data = buffer->data.get();
            if (auto set = checked(clSetKernelArg(launch.kernel.get(), index, sizeof(cl_mem), &data),
                                   "cannot change an argument");
                !set)
                return tl::make_unexpected(set.error());
        }
    }
    m_set[seat] = run.set;
    m_lastSet = run.set;
    return &m_launches[seat];
}

ClResult<void> ClBinding::poison(const ClDevice &device, Seat seat, uint8_t byte) const
{
    for (const ClGuardedBuffer &buffer : m_buffers) {
        const BufferSpec &spec = buffer.spec;
        if (spec.role == BufferSpec::Role::Input
            || (spec.role == BufferSpec::Role::Scratch && spec.seat != seat))
            continue;
        if (auto filled = fill(device, buffer, spec.zeroed ? uint8_t {0} : byte); !filled)
            return filled;
    }
    return checked(clFinish(device.queue.get()), "cannot poison the buffers");
}

std::vector<const ClGuardedBuffer *> ClBinding::lastInputs() const
{
    std::vector<const ClGuardedBuffer *> inputs;
    for (const ClGuardedBuffer &buffer : m_buffers) {
        if (buffer.spec.role == BufferSpec::Role::Input && buffer.spec.set == m_lastSet)
            inputs.push_back(&buffer);
    }
    return inputs;
}

ClResult<void> ClBinding::giveBack(const ClDevice &device, SharedMemory &returned, uint32_t slot) const
{
    const std::span<std::byte> memory =
        returned.bytes().subspan(slot * m_layout.totalBytes, m_layout.totalBytes);
    for (size_t i = 0; i < m_buffers.size(); ++i) {
        const BufferPlace &place = m_layout.places[i];
        const ClGuardedBuffer &buffer = m_buffers[i];
        if (auto done = read(device, buffer.whole, buffer.spec.shift,
                             memory.subspan(place.head, kRedZoneBytes + place.dataBytes));
            !done)
            return done;
        if (auto done = read(device, buffer.whole, buffer.dataOffset() + buffer.spec.bytes,
                             memory.subspan(place.tail, kRedZoneBytes));
            !done)
            return done;
    }
    return {};
}

} // namespace ww
