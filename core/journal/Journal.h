// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <functional>
#include <memory>

namespace ww {

/// One session file: SQLite, WAL, synchronous=FULL, append only. An event is on disk when append()
/// returns. Sources, logs and samples are stored once, by hash. One writer per file, held by a lock
/// that a second process is told about by name. For one thread at a time.
class Journal {
public:
    /// Makes a new file; fails if there is one that holds anything. An empty session, left by a process
    /// that was killed while making it, is taken over.
    [[nodiscard]] static Result<std::unique_ptr<Journal>> create(const std::string &path);
    /// Opens an existing one for appending; checks application id, version and integrity (quick_check).
    [[nodiscard]] static Result<std::unique_ptr<Journal>> openForAppend(const std::string &path);
    /// Opens read-only, also while another process writes, and in a folder that cannot be written.
    [[nodiscard]] static Result<std::unique_ptr<Journal>> openForReading(const std::string &path);
    ~Journal();
    Journal(const Journal &) = delete;
    Journal &operator=(const Journal &) = delete;

    /// Appends with the current time and returns the event as stored.
    [[nodiscard]] Result<Event> append(EventBody body);
    /// As append(), at a given time: imports keep the times of their source.
    [[nodiscard]] Result<Event> appendAt(double time, EventBody body);

    /// Appends all or, on failure, none, in one transaction: imports.
    [[nodiscard]] Status appendAll(std::vector<Event> events);

    /// Every event with seq > `after`, in order.
    [[nodiscard]] Result<std::vector<Event>> read(int64_t after = 0) const;
    /// The projection of the whole log.
    [[nodiscard]] Result<Session> load() const;

    [[nodiscard]] const std::string &path() const;

private:
    struct State;
    explicit Journal(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace ww
