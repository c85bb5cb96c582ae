// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ServerSentEvents.h"

#include <fmt/format.h>

#include <utility>

namespace ww {

Status ServerSentEvents::add(std::string_view bytes)
{
    for (const char c : bytes) {
        if (c == '\n' && std::exchange(m_afterReturn, false))
            continue;
        m_afterReturn = c == '\r';
        if (c == '\r' || c == '\n') {
            takeLine();
            continue;
        }
        if (m_line.size() + m_event.data.size() >= m_limit)
            return failure(ErrorCode::BadInput, "cannot read the stream of events",
                           fmt::format("one event is over {} bytes", m_limit));
        m_line += c;
    }
    return {};
}

std::optional<ServerSentEvent> ServerSentEvents::next()
{
    if (m_ready.empty())
        return std::nullopt;
    ServerSentEvent event = std::move(m_ready.front());
    m_ready.pop_front();
    return event;
}

void ServerSentEvents::finish()
{
    if (!m_line.empty())
        takeLine();
    dispatch();
}

void ServerSentEvents::takeLine()
{
    std::string line = std::exchange(m_line, {});
    if (std::exchange(m_first, false) && line.starts_with("\xEF\xBB\xBF"))
        line.erase(0, 3);
    if (line.empty()) {
        dispatch();
        return;
    }
    const size_t colon = line.find(':');
    const std::string_view name = std::string_view(line).substr(0, colon);
    std::string_view value =
        colon == std::string::npos ? std::string_view() : std::string_view(line).substr(colon + 1);
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (name == "event") {
        m_event.type = value;
    } else if (name == "data") {
        if (std::exchange(m_hasData, true))
            m_event.data += '\n';
        m_event.data += value;
    }
}

void ServerSentEvents::dispatch()
{
    ServerSentEvent event = std::exchange(m_event, {});
    if (!std::exchange(m_hasData, false))
        return;
    if (event.type.empty())
        event.type = "message";
    m_ready.push_back(std::move(event));
}

} // namespace ww
