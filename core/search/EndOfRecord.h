// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

namespace ww {

/// Ends a replay that asks for what the record does not hold, but not before it has done all that the record
/// does hold.
class EndOfRecord {
public:
    /// `stop` is called once, on a thread of this: when something beyond the record was asked for, and either
    /// `events` were told of or nothing happened for `graceSeconds`.
    EndOfRecord(int events, double graceSeconds, std::function<void()> stop);
    ~EndOfRecord(); ///< `stop` is not called any more once this returns
    EndOfRecord(const EndOfRecord &) = delete;
    EndOfRecord &operator=(const EndOfRecord &) = delete;

    /// The replay wrote one more event.
    void event();
    /// Something was asked for that the record does not hold.
    void beyond();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ww
