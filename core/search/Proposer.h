// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <functional>
#include <memory>
#include <optional>

namespace ww {

/// A candidate that is not yet in the tree.
struct Proposal {
    std::string source;
    Parameters parameters;
    std::string title; ///< short, for the tree
    std::string origin; ///< who made it, for provenance
    std::optional<MemoryUse> memory {}; ///< what memory offered to the prompt
};

/// Why a step has no candidate.
struct NoProposal {
    enum class Kind {
        Nothing, ///< this kind of move has none here: the other kind may have one
        Unanswered, ///< who was asked gave no answer; another question may fare better
        Unavailable, ///< nobody can be asked: the step is asked for again once a person has seen to it
        OutOfMoney, ///< the next question might pass the limit of money
        Cancelled, ///< by cancelAll()
        Failed, ///< a fault that asking again does not mend: it ends the search
    };
    Kind kind = Kind::Nothing;
    Error error; ///< why, and for all but Nothing what to do about it
};
using ProposalOutcome = tl::expected<Proposal, NoProposal>;

/// What a proposer has to say of one step.
struct ProposerReport {
    std::vector<EventBody> records; ///< for the journal: what a model was asked and what it answered
    std::optional<ProposalOutcome> outcome; ///< set in the last report of a step
};

/// A candidate that is wanted.
struct ProposalJob {
    Move move;
    uint64_t seed = 0;
    int step = 0;
    /// Called any number of times; the last call has the outcome.
    std::function<void(ProposerReport)> onReport;
    /// Called with each piece of a model's answer as it comes; may be empty.
    std::function<void(const std::string &piece)> onText;
};

/// Makes candidates; what it may look at is the session so far. Deterministic in (session, move, seed,
/// step) where it needs neither a model nor a person.
class Proposer {
public:
    virtual ~Proposer() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Steps that can be asked for at a time; 0 where propose() reports the outcome before it returns.
    [[nodiscard]] virtual int capacity() const { return 0; }
    /// Asks for a candidate. Reads `session` before it returns; later reports come on a thread of its own.
    virtual void propose(const Session &session, ProposalJob job) = 0;
    /// Ends what is under way; each job still gets its outcome, within 200 ms.
    virtual void cancelAll() { }
    /// A person has seen to what made it report Unavailable.
    virtual void goOn() { }
};

/// The task's own catalogue: a large step takes another variant (untried first), a small step changes
/// one or two tunables of the parent. Never proposes what the session already holds.
[[nodiscard]] std::unique_ptr<Proposer> makeCatalogueProposer();

} // namespace ww
