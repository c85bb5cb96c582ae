// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/search/SearchTree.h"

namespace ww {

/// Reward of an outcome: not compiled 0; wrong 0.05; correct: linear from 0.4 to 1.6 while the speed-up,
/// clipped to [0.1, 10], runs from 0.1 to 10 (search.md). With constants.logReward the part above 10×
/// goes on logarithmically.
[[nodiscard]] double adaExploreReward(bool compiled, bool correct, double speedup,
                                      const AdaExploreConstants &constants = {});

/// The node to expand: descends from the dummy root by U and E until expanding wins (search.md).
/// Nodes in flight count as visits without reward, so that parallel moves spread.
[[nodiscard]] CandidateId selectNode(const SearchTree &tree, const AdaExploreConstants &constants);

/// Kernels shown for a small step from `parent`: the chain back to the nearest large step, oldest
/// first, last ≤ contextLimit.
[[nodiscard]] std::vector<CandidateId> smallStepContext(const SearchTree &tree, CandidateId parent,
                                                        int limit);

/// Kernels shown for a large step from `parent`: of each component of the path connected by small
/// steps the best correct kernel; more than `limit` are sampled with `random`.
[[nodiscard]] std::vector<CandidateId> largeStepContext(const SearchTree &tree, CandidateId parent, int limit,
                                                        RandomStream &random);

/// The whole decision of step `step`: pure in (tree, constants, seed, step).
[[nodiscard]] Move nextMove(const SearchTree &tree, const AdaExploreConstants &constants, uint64_t seed,
                            int step);

/// The same decision with the other kind of step, for when the first kind yields no candidate.
[[nodiscard]] Move otherKind(const Move &move, const SearchTree &tree, const AdaExploreConstants &constants,
                             uint64_t seed, int step);

} // namespace ww
