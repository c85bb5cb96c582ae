// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/SharedMemory.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace ww {
namespace {

tl::unexpected<Error> sharedMemoryFailure(size_t bytes)
{
    return failure(ErrorCode::Infrastructure, fmt::format("cannot share {} bytes of memory", bytes),
                   std::strerror(errno));
}

} // namespace

Result<SharedMemory> SharedMemory::create(size_t bytes)
{
    SharedMemory memory;
    memory.m_fd = OwnedFd(::memfd_create("warpwright", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    memory.m_size = bytes;
    if (!memory.m_fd.valid() || ::ftruncate(memory.fd(), static_cast<off_t>(bytes)) != 0
        || ::fcntl(memory.fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
        return sharedMemoryFailure(bytes);
    WW_CHECK(memory.map(PROT_READ | PROT_WRITE));
    return memory;
}

Result<SharedMemory> SharedMemory::open(OwnedFd fd, size_t bytes, bool writable)
{
    SharedMemory memory;
    memory.m_fd = std::move(fd);
    memory.m_size = bytes;
    struct stat facts { };
    if (::fstat(memory.fd(), &facts) != 0)
        return sharedMemoryFailure(bytes);
    if (static_cast<size_t>(facts.st_size) < bytes)
        return failure(ErrorCode::Internal, "cannot map shared memory", "it is smaller than announced");
    WW_CHECK(memory.map(writable ? PROT_READ | PROT_WRITE : PROT_READ));
    return memory;
}

Status SharedMemory::map(int protection)
{
    unmap();
    if (m_size == 0)
        return {};
    void *address = ::mmap(nullptr, m_size, protection, MAP_SHARED, m_fd.get(), 0);
    if (address == MAP_FAILED)
        return sharedMemoryFailure(m_size);
    m_data = static_cast<std::byte *>(address);
    return {};
}

void SharedMemory::unmap()
{
    if (m_data)
        ::munmap(m_data, m_size);
    m_data = nullptr;
}

Status SharedMemory::freeze()
{
    // The kernel refuses the seal while a writable mapping exists.
    unmap();
    if (::fcntl(m_fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        return sharedMemoryFailure(m_size);
    return map(PROT_READ);
}

SharedMemory::~SharedMemory()
{
    unmap();
}

SharedMemory::SharedMemory(SharedMemory &&other) noexcept
{
    *this = std::move(other);
}

SharedMemory &SharedMemory::operator=(SharedMemory &&other) noexcept
{
    if (this != &other) {
        unmap();
        m_fd = std::move(other.m_fd);
        m_data = std::exchange(other.m_data, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

} // namespace ww
