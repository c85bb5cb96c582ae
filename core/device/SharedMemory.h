// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/device/OwnedFd.h"

#include <cstddef>
#include <span>

namespace ww {

/// Memory that two processes see, behind a descriptor (memfd). Its size is sealed, so that the other side
/// cannot make an access here fault by shrinking it.
class SharedMemory {
public:
    /// New zeroed memory, writable here and by whoever gets the descriptor.
    [[nodiscard]] static Result<SharedMemory> create(size_t bytes);
    /// Maps what came over a channel; `writable` as the sender meant it. Fails when it holds fewer bytes.
    [[nodiscard]] static Result<SharedMemory> open(OwnedFd fd, size_t bytes, bool writable);

    SharedMemory() = default;
    ~SharedMemory();
    SharedMemory(SharedMemory &&other) noexcept;
    SharedMemory &operator=(SharedMemory &&other) noexcept;
    SharedMemory(const SharedMemory &) = delete;
    SharedMemory &operator=(const SharedMemory &) = delete;

    /// Takes away everybody's right to write, for good; this side's mapping becomes read-only.
    [[nodiscard]] Status freeze();

    [[nodiscard]] int fd() const { return m_fd.get(); }
    [[nodiscard]] std::span<std::byte> bytes() { return {m_data, m_size}; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return {m_data, m_size}; }

private:
    [[nodiscard]] Status map(int protection);
    void unmap();
    OwnedFd m_fd;
    std::byte *m_data = nullptr;
    size_t m_size = 0;
};

} // namespace ww
