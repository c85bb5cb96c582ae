// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/CandidateTitle.h"
#include "core/search/ParameterSpace.h"
#include "core/search/Proposer.h"
#include "core/search/Streams.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

/// Random parameter sets tried before the listed ones are gone through in order.
constexpr int kRandomDraws = 64;

void shuffle(std::vector<const KernelSource *> &kernels, RandomStream &random)
{
    for (size_t i = kernels.size(); i > 1; --i)
        std::swap(kernels[i - 1], kernels[random.below(static_cast<uint32_t>(i))]);
}

class CatalogueProposer final : public Proposer {
public:
    [[nodiscard]] std::string name() const override { return "catalogue"; }

    void propose(const Session &session, ProposalJob job) override
    {
        job.onReport({{}, outcomeOf(session, job)});
    }

private:
    [[nodiscard]] ProposalOutcome outcomeOf(const Session &session, const ProposalJob &job) const
    {
        RandomStream random = drawsOf(job.seed, Draws::Proposer, job.step);
        const Node *parent = session.find(job.move.parent);
        if (!session.task || !parent)
            return tl::make_unexpected(NoProposal {
                NoProposal::Kind::Failed,
                {ErrorCode::Internal, "cannot propose a candidate",
                 fmt::format("the session has no task or no candidate {}", job.move.parent), "", ""}});
        std::optional<Proposal> found;
        if (job.move.kind != MoveKind::Small)
            found = largeStep(session, random);
        else if (job.move.parent != 0)
            found = smallStep(session, parent->candidate, random);
        if (found)
            return std::move(*found);
        return tl::make_unexpected(
            NoProposal {NoProposal::Kind::Nothing,
                        {ErrorCode::NotFound, "The proposer 'catalogue' has no candidate left to offer here",
                         "", "", ""}});
    }

    [[nodiscard]] Proposal proposal(const std::string &source, Parameters parameters, std::string title) const
    {
        return {source, std::move(parameters), std::move(title), name()};
    }

    [[nodiscard]] std::optional<Proposal> smallStep(const Session &session, const Candidate &parent,
                                                    RandomStream &random) const
    {
        const ParameterSpace space(session, parent.source);
        const auto change = space.changeOf(parent.parameters, random, kRandomDraws);
        if (!change)
            return std::nullopt;
        return proposal(parent.source, *change, titleOfChange(*session.task, parent, *change));
    }

    [[nodiscard]] std::optional<Proposal> largeStep(const Session &session, RandomStream &random) const
    {
        std::vector<const KernelSource *> kernels;
        for (const KernelSource &variant : session.task->variants)
            kernels.push_back(&variant);
        if (kernels.empty())
            kernels.push_back(&session.task->baseline);
        shuffle(kernels, random);
        for (const KernelSource *kernel : kernels) {
            if (const auto defaults = ParameterSpace(session, kernel->text).untriedDefaults())
                return proposal(kernel->text, *defaults, kernel->name);
        }
        for (const KernelSource *kernel : kernels) {
            if (const auto set = ParameterSpace(session, kernel->text).untriedSet(random, kRandomDraws))
                return proposal(kernel->text, *set, titleOfSet(kernel->name, *set));
        }
        return std::nullopt;
    }
};

} // namespace

std::unique_ptr<Proposer> makeCatalogueProposer()
{
    return std::make_unique<CatalogueProposer>();
}

} // namespace ww
