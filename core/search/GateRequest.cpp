// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/GateRequest.h"

#include "core/base/Hash.h"
#include "core/search/Streams.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

/// So many seeds take turns, so that a worker can keep what the reference says to each while a candidate
/// never meets the data of the one before it, whose outputs may still lie about in the runner's memory.
constexpr CandidateId kDataSeeds = 4;

/// Test data are the same when a run is repeated, and new for each confirmation.
uint64_t dataSeed(uint64_t seed, CandidateId id, bool confirmation)
{
    RandomStream draws = confirmation ? drawsOf(seed, Draws::ConfirmationData, id)
                                      : drawsOf(seed, Draws::Data, id % kDataSeeds);
    const uint64_t high = draws.next();
    // 53 bits pass through every JSON reader unharmed.
    return (high << 32 | draws.next()) >> 11;
}

} // namespace

EvaluateRequest gateRequest(const Session &session, const Task &task, CandidateId id, bool confirmation)
{
    const Candidate &candidate = session.nodes[static_cast<size_t>(id)].candidate;
    EvaluateRequest request;
    request.id = fmt::format("{}{}", id, confirmation ? "-again" : "");
    request.nonce = randomToken();
    request.task = task;
    request.candidate = {fmt::format("#{}", id), candidate.source, candidate.parameters};
    request.budgets = session.config.budgets;
    request.seed = dataSeed(session.config.seed, id, confirmation);
    request.freshRunner = confirmation;
    // A new best is worth knowing what holds it back.
    request.profile = confirmation;
    // Confirmations are always probed, others when they would be the best.
    if (!confirmation && session.best != 0)
        request.probesAbove =
            std::max(1.0, session.nodes[static_cast<size_t>(session.best)].evaluation->speedupRatio());
    return request;
}

} // namespace ww
