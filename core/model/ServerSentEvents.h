// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ww {

/// One event of a text/event-stream.
struct ServerSentEvent {
    std::string type; ///< "message" where the stream names none
    std::string data; ///< lines joined by newlines
};

/// Splits a text/event-stream (WHATWG HTML, 9.2) into events, whatever pieces it comes in: lines end with CR,
/// LF or CRLF, comments and unknown fields are dropped. An event over `limitBytes` is an error.
class ServerSentEvents {
public:
    explicit ServerSentEvents(size_t limitBytes) : m_limit(limitBytes) { }

    [[nodiscard]] Status add(std::string_view bytes);
    [[nodiscard]] std::optional<ServerSentEvent> next();
    /// The stream has ended. An event without its empty line counts: servers leave it out at the end.
    void finish();

private:
    void takeLine();
    void dispatch();

    size_t m_limit;
    std::string m_line;
    bool m_afterReturn = false; ///< a CR ended the last line: an LF right behind it belongs to it
    bool m_first = true; ///< no line was taken yet: a byte order mark may stand here
    bool m_hasData = false;
    ServerSentEvent m_event;
    std::deque<ServerSentEvent> m_ready;
};

} // namespace ww
