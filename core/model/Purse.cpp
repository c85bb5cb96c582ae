// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Purse.h"

#include <algorithm>
#include <utility>

namespace ww {

void Purse::setLimit(double limit, double spentBefore)
{
    std::deque<std::pair<Waiting, bool>> decided;
    {
        const std::lock_guard lock(m_mutex);
        m_limit = limit;
        if (!std::exchange(m_begun, true))
            m_spent = spentBefore;
        decided = decide();
    }
    tell(std::move(decided));
}

void Purse::take(double most, std::function<void(bool)> then)
{
    std::deque<std::pair<Waiting, bool>> decided;
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back({most, std::move(then)});
        decided = decide();
    }
    tell(std::move(decided));
}

void Purse::pay(double most, double cost)
{
    std::deque<std::pair<Waiting, bool>> decided;
    {
        const std::lock_guard lock(m_mutex);
        --m_underWay;
        m_aside = m_underWay == 0 ? 0 : std::max(0.0, m_aside - most); // no rounding is left behind
        m_spent += cost;
        decided = decide();
    }
    tell(std::move(decided));
}

void Purse::refuseWaiting()
{
    std::deque<std::pair<Waiting, bool>> decided;
    {
        const std::lock_guard lock(m_mutex);
        for (Waiting &waiting : std::exchange(m_waiting, {}))
            decided.emplace_back(std::move(waiting), false);
    }
    tell(std::move(decided));
}

double Purse::spent() const
{
    const std::lock_guard lock(m_mutex);
    return m_spent;
}

std::deque<std::pair<Purse::Waiting, bool>> Purse::decide()
{
    std::deque<std::pair<Waiting, bool>> decided;
    while (!m_waiting.empty()) {
        const double most = m_waiting.front().most;
        const bool fits = m_limit <= 0 || m_spent + m_aside + most <= m_limit;
        if (!fits && m_underWay > 0)
            break; // one of them may turn out cheaper
        decided.emplace_back(std::move(m_waiting.front()), fits);
        m_waiting.pop_front();
        if (fits) {
            ++m_underWay;
            m_aside += most;
        }
    }
    return decided;
}

void Purse::tell(std::deque<std::pair<Waiting, bool>> decided)
{
    for (auto &[waiting, granted] : decided)
        waiting.then(granted);
}

} // namespace ww
