// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/AdaExplore.h"

#include "core/search/Streams.h"

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kSlowest = 0.1, kFastest = 10; ///< the speed-ups between which the reward is linear
constexpr double kLowestCorrect = 0.4, kHighestCorrect = 1.6;
constexpr double kWrong = 0.05;

/// α·max + (1−α)·avg. A virtual visit counts in the average without bringing reward.
double blendedReward(const TreeNode &node, double alpha)
{
    const int n = node.visitsAndInFlight();
    return alpha * node.maxReward + (1 - alpha) * (n > 0 ? node.totalReward / n : 0);
}

/// The child to descend to, or −1 to expand here. A child that is still in flight cannot be entered:
/// nothing is known of it that a step could build on.
CandidateId descend(const SearchTree &tree, const TreeNode &parent, const AdaExploreConstants &constants)
{
    const double logVisits = std::log(std::max(parent.visitsAndInFlight(), 1));
    CandidateId best = -1;
    double bestScore = 0, bestReward = 0;
    for (const CandidateId id : parent.children) {
        const TreeNode &child = tree.node(id);
        if (!child.evaluated)
            continue;
        const double reward = blendedReward(child, constants.alpha);
        const double score = reward + constants.c * std::sqrt(logVisits / child.visitsAndInFlight());
        if (best < 0 || score > bestScore) {
            best = id;
            bestScore = score;
        }
        bestReward = std::max(bestReward, reward);
    }
    if (best < 0)
        return -1;
    // k² is formed before the division: with n = k² a tie must come out as one, and go to the child.
    const double k = parent.childrenAndAwaited();
    const double expand = bestReward + constants.c * constants.expandRatio * std::sqrt(logVisits / (k * k));
    return expand > bestScore ? -1 : best;
}

MoveKind kindFor(const TreeNode &parent, const AdaExploreConstants &constants, double draw)
{
    if (parent.id == 0 || parent.smallChildrenAndAwaited() >= constants.smallStepLimit)
        return MoveKind::Large;
    return draw < constants.largeProbability ? MoveKind::Large : MoveKind::Small;
}

void fillContext(Move &move, const SearchTree &tree, const AdaExploreConstants &constants,
                 RandomStream &random)
{
    const std::vector<CandidateId> ids = move.kind == MoveKind::Small
        ? smallStepContext(tree, move.parent, constants.contextLimit)
        : largeStepContext(tree, move.parent, constants.contextLimit, random);
    move.context.clear();
    const CandidateId parent = tree.node(move.parent).atItsBest();
    for (const CandidateId id : ids) {
        const CandidateId shown = tree.node(id).atItsBest();
        move.context.push_back({shown, shown == parent ? LineageRole::Parent : LineageRole::Context});
    }
}

} // namespace

double adaExploreReward(bool compiled, bool correct, double speedup, const AdaExploreConstants &constants)
{
    if (!compiled)
        return 0;
    if (!correct)
        return kWrong;
    // A speed-up that is not a number must not reach the tree's sums.
    const double real = std::isfinite(speedup) ? speedup : kSlowest;
    const double clipped = std::clamp(real, kSlowest, kFastest);
    const double slope = (kHighestCorrect - kLowestCorrect) / (kFastest - kSlowest);
    const double reward = kLowestCorrect + slope * (clipped - kSlowest);
    // Goes on with the slope it had at 10×.
    return constants.logReward && real > kFastest ? reward + slope * kFastest * std::log(real / kFastest)
                                                  : reward;
}

CandidateId selectNode(const SearchTree &tree, const AdaExploreConstants &constants)
{
    CandidateId at = 0;
    for (;;) {
        const CandidateId child = descend(tree, tree.node(at), constants);
        if (child < 0)
            return at;
        at = child;
    }
}

std::vector<CandidateId> smallStepContext(const SearchTree &tree, CandidateId parent, int limit)
{
    std::vector<CandidateId> chain;
    const CandidateId component = tree.node(parent).component;
    for (CandidateId at = parent; at > 0 && tree.node(at).component == component; at = tree.node(at).parent) {
        if (static_cast<int>(chain.size()) >= limit)
            break;
        chain.push_back(at);
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

std::vector<CandidateId> largeStepContext(const SearchTree &tree, CandidateId parent, int limit,
                                          RandomStream &random)
{
    std::vector<CandidateId> bests;
    for (CandidateId at = parent; at > 0;) {
        const TreeNode &first = tree.node(tree.node(at).component);
        if (first.bestOfComponent != 0)
            bests.push_back(first.bestOfComponent);
        at = first.parent;
    }
    std::reverse(bests.begin(), bests.end());
    while (static_cast<int>(bests.size()) > std::max(limit, 0))
        bests.erase(bests.begin() + random.below(static_cast<uint32_t>(bests.size())));
    return bests;
}

Move nextMove(const SearchTree &tree, const AdaExploreConstants &constants, uint64_t seed, int step)
{
    RandomStream random = drawsOf(seed, Draws::Policy, step);
    Move move;
    move.parent = selectNode(tree, constants);
    move.kind = kindFor(tree.node(move.parent), constants, random.uniform());
    fillContext(move, tree, constants, random);
    return move;
}

Move otherKind(const Move &move, const SearchTree &tree, const AdaExploreConstants &constants, uint64_t seed,
               int step)
{
    RandomStream random = drawsOf(seed, Draws::Policy, step);
    (void)random.uniform(); // nextMove() spent it on the kind
    Move other = move;
    other.kind = move.kind == MoveKind::Small ? MoveKind::Large : MoveKind::Small;
    fillContext(other, tree, constants, random);
    return other;
}

} // namespace ww
