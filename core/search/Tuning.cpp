// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/Tuning.h"

#include "core/search/CandidateTitle.h"
#include "core/search/ParameterSpace.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace ww {
namespace {

/// Measurements of tuning for each of the search's own: a person may be away for a night.
constexpr int kMostForEach = 4;
/// Sources looked at: the slower ones do not become the best by tuning.
constexpr size_t kMostSources = 8;

/// A source that works, with all that was made of it.
struct TunedSource {
    const Node *owner = nullptr; ///< its fastest candidate that the search or a person made
    const Node *best = nullptr; ///< its fastest parameters
    std::set<Parameters> tried;
};

bool isTuning(const Node &node)
{
    return node.candidate.kind == MoveKind::Tune;
}

/// The session as of one place of its log.
class Prefix {
public:
    Prefix(const Session &session, int64_t before) : m_before(before)
    {
        for (size_t i = 1; i < session.nodes.size() && session.nodes[i].proposedSeq < before; ++i)
            take(session.nodes[i]);
    }

    [[nodiscard]] bool hasHadItsShare() const { return m_tunings >= kMostForEach * m_measured; }

    /// Fastest first; of equals the older one.
    [[nodiscard]] std::vector<const TunedSource *> fastest() const
    {
        std::vector<const TunedSource *> list;
        for (const auto &[text, source] : m_sources) {
            if (source.owner != nullptr)
                list.push_back(&source);
        }
        std::sort(list.begin(), list.end(),
                  [](const TunedSource *a, const TunedSource *b) { return isFaster(*a->best, b->best); });
        list.resize(std::min(list.size(), kMostSources));
        return list;
    }

private:
    void take(const Node &node)
    {
        TunedSource &source = m_sources[node.candidate.source];
        source.tried.insert(node.candidate.parameters);
        const bool measured = node.evaluation && node.evaluatedSeq < m_before;
        m_tunings += isTuning(node) ? 1 : 0;
        m_measured += measured && !isTuning(node) ? 1 : 0;
        if (!measured || !correct(node.evaluation->verdict))
            return;
        if (node.confirmedSeq != 0 && node.confirmedSeq < m_before && !node.refutation().empty())
            return;
        if (!isTuning(node) && isFaster(node, source.owner))
            source.owner = &node;
        if (isFaster(node, source.best))
            source.best = &node;
    }

    static bool isFaster(const Node &node, const Node *other)
    {
        if (other == nullptr || node.betterThan(*other))
            return true;
        return !other->betterThan(node) && node.candidate.id < other->candidate.id;
    }

    int64_t m_before;
    int m_tunings = 0; ///< that were begun
    int m_measured = 0; ///< others
    std::unordered_map<std::string_view, TunedSource> m_sources; ///< by text
};

Tuning tuningOf(const Task &task, const TunedSource &source, Parameters parameters)
{
    Tuning tuning;
    tuning.move = {
        MoveKind::Tune, source.owner->candidate.id, {{source.best->candidate.id, LineageRole::Base}}, {}};
    tuning.proposal.source = source.owner->candidate.source;
    tuning.proposal.title = titleOfChange(task, source.best->candidate, parameters);
    tuning.proposal.parameters = std::move(parameters);
    tuning.proposal.origin = "tuner";
    return tuning;
}

} // namespace

std::optional<Tuning> nextTuning(const Session &session, int64_t before)
{
    const Prefix prefix(session, before);
    if (!session.task || prefix.hasHadItsShare())
        return std::nullopt;
    for (const TunedSource *source : prefix.fastest()) {
        const ParameterSpace space(*session.task, source->owner->candidate.source, source->tried);
        if (auto parameters = space.untriedNeighbour(source->best->candidate.parameters))
            return tuningOf(*session.task, *source, std::move(*parameters));
    }
    return std::nullopt;
}

} // namespace ww
