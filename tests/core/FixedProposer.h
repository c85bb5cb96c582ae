// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Proposer.h"

#include <functional>
#include <optional>

namespace ww::fixtures {

/// A proposer that gives what it is told to.
class FixedProposer final : public Proposer {
public:
    using Give = std::function<Result<std::optional<Proposal>>(const Move &, int step)>;
    explicit FixedProposer(Give give) : m_give(std::move(give)) { }
    [[nodiscard]] std::string name() const override { return "fixed"; }
    void propose(const Session &, ProposalJob job) override
    {
        const Result<std::optional<Proposal>> given = m_give(job.move, job.step);
        ProposalOutcome outcome = tl::make_unexpected(NoProposal {});
        if (!given)
            outcome = tl::make_unexpected(NoProposal {NoProposal::Kind::Failed, given.error()});
        else if (*given)
            outcome = **given;
        job.onReport({{}, outcome});
    }

private:
    Give m_give;
};

} // namespace ww::fixtures
