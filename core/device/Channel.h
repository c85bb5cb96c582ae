// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/device/OwnedFd.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ww {

/// Bytes and the descriptors that came with them.
struct Frame {
    std::string text;
    std::vector<OwnedFd> fds;
};

/// One end of the conversation between the supervisor and a child: a Unix socket that carries frames of
/// a length and that many bytes, with descriptors beside them. The other end may be hostile: lengths and
/// counts are bounded and a broken frame ends the channel.
class Channel {
public:
    static constexpr size_t kMaxFrameBytes = 8u << 20;
    static constexpr size_t kMaxFds = 64;

    explicit Channel(OwnedFd socket) : m_socket(std::move(socket)) { }
    /// Both ends of a new channel.
    [[nodiscard]] static Result<std::pair<Channel, OwnedFd>> makePair();

    [[nodiscard]] int fd() const { return m_socket.get(); }

    /// Sends one frame, waiting at most `seconds` for the other side to take it.
    [[nodiscard]] Status send(std::string_view text, std::span<const int> fds = {}, double seconds = 10);

    /// Takes what has arrived without waiting. Fails at the end of the stream or on a broken frame.
    [[nodiscard]] Status fill();
    /// The next whole frame that has been taken, if there is one.
    [[nodiscard]] std::optional<Frame> next();
    /// Waits for a frame for as long as it takes.
    [[nodiscard]] Result<Frame> receive();

private:
    OwnedFd m_socket;
    std::string m_bytes;
    std::vector<OwnedFd> m_fds;
};

} // namespace ww
