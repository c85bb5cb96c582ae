// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Channel.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

namespace ww {
namespace {

/// What stands before the text of a frame.
struct Header {
    uint32_t bytes = 0;
    uint32_t fds = 0;
};

tl::unexpected<Error> channelFailure(std::string why)
{
    return failure(ErrorCode::Infrastructure, "the conversation with a child process broke", std::move(why));
}

/// Aligned as the kernel's headers in it want it.
struct alignas(cmsghdr) FdSpace : std::array<char, CMSG_SPACE(Channel::kMaxFds * sizeof(int))> { };

Status waitFor(int fd, short events, std::chrono::steady_clock::time_point end)
{
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd entry {fd, events, 0};
        const int ready = ::poll(&entry, 1, std::max(0, static_cast<int>(left.count())));
        if (ready > 0)
            return {};
        if (ready == 0)
            return channelFailure("it does not take what it is sent");
        if (errno != EINTR)
            return channelFailure(std::strerror(errno));
    }
}

} // namespace

Result<std::pair<Channel, OwnedFd>> Channel::makePair()
{
    std::array<int, 2> ends {};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return channelFailure(std::strerror(errno));
    return std::pair(Channel(OwnedFd(ends[0])), OwnedFd(ends[1]));
}

Status Channel::send(std::string_view text, std::span<const int> fds, double seconds)
{
    if (text.size() > kMaxFrameBytes || fds.size() > kMaxFds)
        return failure(ErrorCode::Internal, "cannot send a message to a child process", "it is too large");
    const auto end = std::chrono::steady_clock::now()
        + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                         std::chrono::duration<double>(seconds));
    const Header header {static_cast<uint32_t>(text.size()), static_cast<uint32_t>(fds.size())};
    std::string bytes(reinterpret_cast<const char *>(&header), sizeof header);
    bytes += text;

    FdSpace space {};
    std::string_view rest = bytes;
    while (!rest.empty()) {
        iovec data {const_cast<char *>(rest.data()), rest.size()};
        msghdr message {};
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        // Descriptors travel with the first byte; the receiver counts on having them with the header.
        if (rest.size() == bytes.size() && !fds.empty()) {
            message.msg_control = space.data();
            message.msg_controllen = CMSG_SPACE(fds.size_bytes());
            cmsghdr *control = CMSG_FIRSTHDR(&message);
            control->cmsg_level = SOL_SOCKET;
            control->cmsg_type = SCM_RIGHTS;
            control->cmsg_len = CMSG_LEN(fds.size_bytes());
            std::memcpy(CMSG_DATA(control), fds.data(), fds.size_bytes());
        }
        const ssize_t count = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0)
            rest.remove_prefix(static_cast<size_t>(count));
        else if (errno == EAGAIN)
            WW_CHECK(waitFor(m_socket.get(), POLLOUT, end));
        else if (errno != EINTR)
            return channelFailure(std::strerror(errno));
    }
    return {};
}

Status Channel::fill()
{
    std::array<char, 65536> buffer;
    FdSpace space {};
    for (;;) {
        iovec data {buffer.data(), buffer.size()};
        msghdr message {};
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = space.data();
        message.msg_controllen = space.size();
        const ssize_t count = ::recvmsg(m_socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return {};
        if (count < 0)
            return channelFailure(std::strerror(errno));
        for (cmsghdr *control = CMSG_FIRSTHDR(&message); control; control = CMSG_NXTHDR(&message, control)) {
            if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
                continue;
            const size_t received = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < received; ++i) {
                int fd = -1;
                std::memcpy(&fd, CMSG_DATA(control) + i * sizeof fd, sizeof fd);
                m_fds.emplace_back(fd);
            }
        }
        if (count == 0)
            return channelFailure("it ended");
        m_bytes.append(buffer.data(), static_cast<size_t>(count));
        if (m_bytes.size() > 2 * kMaxFrameBytes || m_fds.size() > 2 * kMaxFds)
            return channelFailure("it sent too much");
        Header header;
        if (m_bytes.size() >= sizeof header) {
            std::memcpy(&header, m_bytes.data(), sizeof header);
            if (header.bytes > kMaxFrameBytes || header.fds > kMaxFds)
                return channelFailure("it sent a broken frame");
        }
    }
}

std::optional<Frame> Channel::next()
{
    Header header;
    if (m_bytes.size() < sizeof header)
        return std::nullopt;
    std::memcpy(&header, m_bytes.data(), sizeof header);
    if (m_bytes.size() < sizeof header + header.bytes || m_fds.size() < header.fds)
        return std::nullopt;
    Frame frame;
    frame.text = m_bytes.substr(sizeof header, header.bytes);
    m_bytes.erase(0, sizeof header + header.bytes);
    for (size_t i = 0; i < header.fds; ++i)
        frame.fds.push_back(std::move(m_fds[i]));
    m_fds.erase(m_fds.begin(), m_fds.begin() + static_cast<std::ptrdiff_t>(header.fds));
    return frame;
}

Result<Frame> Channel::receive()
{
    for (;;) {
        if (auto frame = next())
            return std::move(*frame);
        pollfd entry {m_socket.get(), POLLIN, 0};
        if (::poll(&entry, 1, -1) < 0 && errno != EINTR)
            return channelFailure(std::strerror(errno));
        // What arrived before the end still counts.
        const Status filled = fill();
        if (auto frame = next())
            return std::move(*frame);
        WW_CHECK(filled);
    }
}

} // namespace ww
