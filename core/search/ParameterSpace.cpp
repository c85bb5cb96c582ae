// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ParameterSpace.h"

#include <algorithm>
#include <map>

namespace ww {
namespace {

/// Sets that one search for an untried one looks at: a plan from a stranger may list billions.
constexpr int64_t kMostLookedAt = 4096;
/// A candidate lost to infrastructure faults this often is not proposed again.
constexpr int kMostInfraErrors = 2;

bool wasLost(const Node &node)
{
    return node.evaluation && node.evaluation->verdict == Verdict::InfraError;
}

const int64_t &anyOf(const std::vector<int64_t> &values, RandomStream &random)
{
    return values[random.below(static_cast<uint32_t>(values.size()))];
}

/// Another value of the tunable; a neighbour in its list three times out of four.
int64_t otherValue(const Tunable &tunable, int64_t value, RandomStream &random)
{
    const auto count = static_cast<int64_t>(tunable.values.size());
    const auto at = std::find(tunable.values.begin(), tunable.values.end(), value) - tunable.values.begin();
    if (at == count)
        return anyOf(tunable.values, random);
    if (random.below(4) == 0) {
        const auto skip = 1 + static_cast<int64_t>(random.below(static_cast<uint32_t>(count - 1)));
        return tunable.values[static_cast<size_t>((at + skip) % count)];
    }
    const bool up = at == 0 || (at + 1 < count && random.below(2) == 0);
    return tunable.values[static_cast<size_t>(up ? at + 1 : at - 1)];
}

} // namespace

ParameterSpace::ParameterSpace(const Task &task, const std::string &source, std::set<Parameters> tried)
    : m_task(task), m_tried(std::move(tried))
{
    PlanParse parsed = parsePlan(source, &m_task);
    m_planOk = parsed.ok();
    m_plan = std::move(parsed.plan);
    for (const Tunable &tunable : m_plan.tunables) {
        if (tunable.values.size() > 1)
            m_choices.push_back(&tunable);
    }
}

ParameterSpace::ParameterSpace(const Session &session, const std::string &source)
    : ParameterSpace(*session.task, source, {})
{
    std::map<Parameters, int> lost;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Candidate &candidate = session.nodes[i].candidate;
        if (candidate.source != source)
            continue;
        if (!wasLost(session.nodes[i]) || ++lost[candidate.parameters] >= kMostInfraErrors)
            m_tried.insert(candidate.parameters);
    }
}

Parameters ParameterSpace::completed(const Parameters &chosen) const
{
    Parameters all;
    for (const Tunable &tunable : m_plan.tunables) {
        const auto found = chosen.find(tunable.name);
        all[tunable.name] = found != chosen.end() ? found->second : tunable.values.front();
    }
    return all;
}

bool ParameterSpace::isUsable(const Parameters &parameters) const
{
    if (!m_planOk || m_tried.count(parameters) > 0 || !resolveParameters(m_plan, parameters))
        return false;
    return std::all_of(m_task.workloads.begin(), m_task.workloads.end(), [&](const Workload &workload) {
        return resolvePlan(m_plan, parameters, m_task, workload).has_value();
    });
}

std::optional<Parameters> ParameterSpace::ifUsable(Parameters parameters) const
{
    return isUsable(parameters) ? std::optional(std::move(parameters)) : std::nullopt;
}

std::optional<Parameters> ParameterSpace::untriedDefaults() const
{
    return ifUsable(completed({}));
}

std::optional<Parameters> ParameterSpace::untriedSet(RandomStream &random, int draws) const
{
    if (m_choices.empty())
        return untriedDefaults();
    Parameters set = completed({});
    for (int draw = 0; draw < draws; ++draw) {
        for (const Tunable *tunable : m_choices)
            set[tunable->name] = anyOf(tunable->values, random);
        if (isUsable(set))
            return set;
    }
    // Counts through the sets like an odometer, from the last one drawn on.
    for (int64_t looked = 0; looked < kMostLookedAt; ++looked) {
        for (const Tunable *tunable : m_choices) {
            int64_t &value = set[tunable->name];
            const auto next = std::find(tunable->values.begin(), tunable->values.end(), value) + 1;
            value = next != tunable->values.end() ? *next : tunable->values.front();
            if (next != tunable->values.end())
                break;
        }
        if (isUsable(set))
            return set;
    }
    return std::nullopt;
}

std::optional<Parameters> ParameterSpace::changeOf(const Parameters &from, RandomStream &random,
                                                   int draws) const
{
    if (!m_planOk || m_choices.empty())
        return std::nullopt;
    const Parameters start = completed(from);
    for (int draw = 0; draw < draws; ++draw) {
        Parameters set = start;
        const int count = m_choices.size() > 1 && random.below(3) == 0 ? 2 : 1;
        for (int i = 0; i < count; ++i) {
            const Tunable &tunable = *m_choices[random.below(static_cast<uint32_t>(m_choices.size()))];
            set[tunable.name] = otherValue(tunable, start.find(tunable.name)->second, random);
        }
        if (isUsable(set))
            return set;
    }
    return firstChangeOf(start);
}

std::optional<Parameters> ParameterSpace::untriedNeighbour(const Parameters &from) const
{
    if (!m_planOk)
        return std::nullopt;
    const Parameters start = completed(from);
    for (const Tunable *tunable : m_choices) {
        const auto first = tunable->values.begin(), last = tunable->values.end();
        const auto at = std::find(first, last, start.find(tunable->name)->second);
        for (const int step : {1, -1}) {
            if (at == last || (step > 0 ? at + 1 == last : at == first))
                continue;
            Parameters set = start;
            set[tunable->name] = *(at + step);
            if (isUsable(set))
                return set;
        }
    }
    return std::nullopt;
}

std::optional<Parameters> ParameterSpace::firstChangeOf(const Parameters &from) const
{
    int64_t looked = 0;
    for (const Tunable *tunable : m_choices) {
        for (const int64_t value : tunable->values) {
            Parameters set = from;
            set[tunable->name] = value;
            if (++looked > kMostLookedAt)
                return std::nullopt;
            if (isUsable(set))
                return set;
        }
    }
    for (const Tunable *first : m_choices) {
        for (const Tunable *second : m_choices) {
            for (size_t i = 0; first < second && i < first->values.size() * second->values.size(); ++i) {
                Parameters set = from;
                set[first->name] = first->values[i % first->values.size()];
                set[second->name] = second->values[i / first->values.size()];
                if (++looked > kMostLookedAt)
                    return std::nullopt;
                if (isUsable(set))
                    return set;
            }
        }
    }
    return std::nullopt;
}

} // namespace ww
