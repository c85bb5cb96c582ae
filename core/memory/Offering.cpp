// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Offering.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr double kMostRelevance = 4;
/// Of the share, where there are techniques to tell as well.
constexpr double kRulesShare = 0.7;
constexpr size_t kMostTechniques = 6;
/// A technique that gained less in the middle is no advice.
constexpr double kLeastMedian = 1.02;

double scoreOf(const RankedRule &rule)
{
    return rule.strength * (1 + std::min(rule.relevance, kMostRelevance));
}

/// A heading with lines below, as far as they fit; the heading does not stand alone.
class Section {
public:
    Section(std::string &text, size_t limit, std::string heading)
        : m_text(text), m_limit(limit), m_heading(std::move(heading))
    {
    }
    bool add(const std::string &line)
    {
        const std::string piece = m_heading + line;
        if (m_text.size() + piece.size() > m_limit)
            return false;
        m_text += piece;
        m_heading.clear();
        return true;
    }

private:
    std::string &m_text;
    size_t m_limit;
    std::string m_heading;
};

std::string languageName(const std::string &language)
{
    return language == "cuda" ? "CUDA" : language == "opencl" ? "OpenCL C" : language;
}

/// The gain beyond 1, less the surer the fewer pairs show it.
double sureGain(const Technique &technique)
{
    return (technique.median - 1) * technique.count / (technique.count + 1.0);
}

std::string techniqueLine(const Technique &technique)
{
    if (technique.count == 1)
        return fmt::format("- {}: {:.2f}x in the one pair measured\n", technique.name, technique.median);
    return fmt::format("- {}: median {:.2f}x, from {:.2f}x to {:.2f}x in {} pairs\n", technique.name,
                       technique.median, technique.least, technique.most, technique.count);
}

} // namespace

MemoryOffer composeOffer(std::vector<RankedRule> rules, const std::vector<Technique> &techniques,
                         const MemoryQuery &query)
{
    std::sort(rules.begin(), rules.end(), [](const RankedRule &a, const RankedRule &b) {
        if (a.rule.pinned != b.rule.pinned)
            return a.rule.pinned;
        const double left = scoreOf(a), right = scoreOf(b);
        return left != right ? left > right : a.rule.key < b.rule.key;
    });
    std::vector<Technique> fitting;
    for (const Technique &technique : techniques) {
        if (!query.bottleneck.empty() && technique.bottleneck == query.bottleneck
            && technique.language == query.language && technique.median >= kLeastMedian)
            fitting.push_back(technique);
    }
    std::sort(fitting.begin(), fitting.end(), [](const Technique &a, const Technique &b) {
        const double left = sureGain(a), right = sureGain(b);
        return left != right ? left > right : a.name < b.name;
    });
    if (fitting.size() > kMostTechniques)
        fitting.resize(kMostTechniques);

    MemoryOffer offer;
    const auto forRules = fitting.empty()
        ? query.maxCharacters
        : static_cast<size_t>(kRulesShare * static_cast<double>(query.maxCharacters));
    Section failures(
        offer.text, forRules,
        fmt::format("Known to fail in {} here, from earlier attempts:\n", languageName(query.language)));
    for (const RankedRule &ranked : rules) {
        if (failures.add(fmt::format("- {}\n", ranked.rule.sentence)))
            offer.use.rules.push_back(ranked.rule.key);
    }
    Section gains(offer.text, query.maxCharacters,
                  fmt::format("Measured before on kernels limited by {} (time before / time after):\n",
                              query.bottleneck));
    for (const Technique &technique : fitting) {
        if (gains.add(techniqueLine(technique)))
            offer.use.techniques.push_back(technique.name);
    }
    return offer;
}

} // namespace ww
