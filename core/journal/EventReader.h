// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"
#include "core/journal/Sqlite.h"

#include <functional>
#include <map>
#include <optional>
#include <unordered_set>

namespace ww {

/// Reads a session file's events in order, with their texts and samples, checking every byte against
/// the checksums that were written with it.
class EventReader {
public:
    /// Texts of one file that are read at most, each use counted: a file that names one long text a
    /// million times is refused.
    static constexpr size_t kMostText = size_t {1} << 30;

    /// Both must outlive the reader; `path` is for messages.
    EventReader(SqlConnection &connection, const std::string &path, size_t mostText = kMostText)
        : m_connection(connection), m_path(path), m_mostText(mostText)
    {
    }

    /// Hands every event with seq > `after` to `take`, all from one state of the file; ends at the first
    /// failure.
    [[nodiscard]] Status readAll(int64_t after, const std::function<Status(Event)> &take);

private:
    Result<Event> read(const SqlStatement &row);
    Result<std::string> text(const std::string &hash);
    Result<std::map<int, std::vector<float>>> samples(int64_t event);

    SqlConnection &m_connection;
    const std::string &m_path;
    size_t m_mostText;
    std::optional<SqlStatement> m_text, m_samples;
    std::unordered_set<std::string> m_intact; ///< texts whose hash was checked
    size_t m_textBytes = 0;
};

} // namespace ww
