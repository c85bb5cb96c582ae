// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <mutex>

namespace ww {

/// Keeps calls within a limit of money: before a call the most it can cost is set aside, so that the limit
/// holds however many calls are under way. What does not fit waits until others have turned out cheaper. All
/// functions may be called from any thread.
class Purse {
public:
    /// Sets the limit (0 = none), and what was spent before where nothing is known of that yet.
    void setLimit(double limit, double spentBefore);

    /// Sets `most` aside and calls `then(true)`; `then(false)` when it cannot fit any more. At once, or when
    /// a call under way has been paid.
    void take(double most, std::function<void(bool granted)> then);
    /// A call is over: `most` as it was taken, and what it did cost.
    void pay(double most, double cost);
    /// Refuses all that wait.
    void refuseWaiting();

    [[nodiscard]] double spent() const;

private:
    struct Waiting {
        double most = 0;
        std::function<void(bool)> then;
    };
    /// Takes from the queue what can be decided now.
    [[nodiscard]] std::deque<std::pair<Waiting, bool>> decide();
    void tell(std::deque<std::pair<Waiting, bool>> decided);

    mutable std::mutex m_mutex;
    double m_limit = 0;
    double m_spent = 0;
    double m_aside = 0;
    int m_underWay = 0;
    bool m_begun = false;
    std::deque<Waiting> m_waiting;
};

} // namespace ww
