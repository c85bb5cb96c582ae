// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace ww {

/// Hands recorded results out in the order in which they once came, on a thread of its own, so that a search
/// that asks for the same things decides the same.
class RecordedOrder {
public:
    /// `most`: results that can be asked for at a time; when so many wait, the earliest goes out though one
    /// before it was never asked for. So it does after `graceSeconds`.
    explicit RecordedOrder(int most, double graceSeconds = 0.1);
    ~RecordedOrder(); ///< what still waits is dropped
    RecordedOrder(const RecordedOrder &) = delete;
    RecordedOrder &operator=(const RecordedOrder &) = delete;

    /// There is a result at that place of the log.
    void expect(int64_t seq);
    /// Something a person did at that place: done when its turn comes, without being asked for.
    void expectAct(int64_t seq, std::function<void()> act);
    /// The result of that place is asked for: `give` is called when its turn comes, or, where an earlier one
    /// is not asked for, out of turn.
    void ask(int64_t seq, std::function<void()> give);
    /// Gives and does nothing any more once it has returned. Not to be called by what it gives.
    void close();
    /// Takes back what is asked for and was not given; true when it was.
    bool withdraw(int64_t seq);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace ww
