// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ModelProposer.h"

#include "core/base/Utf8.h"
#include "core/model/ModelClient.h"
#include "core/model/Purse.h"
#include "core/search/ReplyParser.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace ww {
namespace {

using FaultKind = ModelFault::Kind;
using NoKind = NoProposal::Kind;

constexpr int kReview = 0; ///< the turn in which points to improve are asked for
constexpr int kTurns = 2; ///< the question, and one request to repair the answer
constexpr int kCallsOfATurn = 2; ///< after a fault of the call's it is made once more
constexpr size_t kLongestTitle = 60;

/// One step that is being asked for. Touched by one thread at a time: the one that asks, then the model's.
struct Asking {
    ProposalJob job;
    std::shared_ptr<const Task> task;
    std::string parentSource; ///< what a small step edits
    Parameters parentParameters; ///< in which it was shown
    std::optional<MemoryUse> memory; ///< what memory gave to the prompt
    ModelCallKey key;
    Question question;
    std::optional<Question> afterReview; ///< asked once the review is there
    uint64_t cancellations = 0; ///< State::cancellations when it began
    int calls = 0; ///< of this turn
    double aside = 0; ///< money set aside for the call under way
    std::optional<Proposal> flawed; ///< an answer whose plan has faults, should the repair not do better
};
using AskingPtr = std::shared_ptr<Asking>;

bool endpointIsOff(FaultKind kind)
{
    return kind == FaultKind::Refused || kind == FaultKind::Quota || kind == FaultKind::Paused
        || kind == FaultKind::BadRequest || kind == FaultKind::NotFound;
}

/// A review is worth its price where there is something right to make better.
bool hasKernelToReview(const Session &session, const Move &move)
{
    const auto isCorrect = [&session](const Lineage &entry) {
        const Node *node = session.find(entry.id);
        return node && node->evaluation && correct(node->evaluation->verdict);
    };
    return std::any_of(move.context.begin(), move.context.end(), isCorrect);
}

NoProposal none(NoKind kind, ErrorCode code, std::string what, std::string why, std::string remedy = {})
{
    return {kind, {code, std::move(what), std::move(why), std::move(remedy), {}}};
}

} // namespace

class ModelProposer final : public Proposer {
public:
    explicit ModelProposer(ModelProposerParts parts)
        : m_model(parts.model), m_state(std::make_shared<State>(std::move(parts)))
    {
    }
    ~ModelProposer() override { m_state->cancelAll(); }

    [[nodiscard]] std::string name() const override { return m_state->parts.name; }
    [[nodiscard]] int capacity() const override { return m_state->parts.capacity; }
    void propose(const Session &session, ProposalJob job) override
    {
        m_state->purse.setLimit(session.config.money, session.spent.money);
        State::begin(m_state, session, std::move(job));
    }
    void cancelAll() override { m_state->cancelAll(); }
    void goOn() override { m_model->goOn(); }

private:
    /// Outlives the proposer while a model still answers. It does not own the model: an answer that held the
    /// last handle would end the model on the model's own thread.
    struct State {
        explicit State(ModelProposerParts given) : parts(std::move(given)), model(parts.model.get())
        {
            parts.model.reset();
        }

        static void begin(const std::shared_ptr<State> &state, const Session &session, ProposalJob job);
        static void ask(const std::shared_ptr<State> &state, const AskingPtr &asking);
        static void send(const std::shared_ptr<State> &state, const AskingPtr &asking);
        static void takeAnswer(const std::shared_ptr<State> &state, const AskingPtr &asking,
                               tl::expected<ModelReply, ModelFault> answer);
        static void takeFault(const std::shared_ptr<State> &state, const AskingPtr &asking,
                              const ModelFault &fault, ModelAnswered record);
        static void takeReply(const std::shared_ptr<State> &state, const AskingPtr &asking,
                              const ModelReply &reply, ModelAnswered record);
        static void askAfterReview(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                   const std::string &points, ModelAnswered record);
        static void askForRepair(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                 const ModelReply &reply, const std::string &fault, ModelAnswered record);
        [[nodiscard]] Result<MemoryOffer> offerFor(const Session &session, const ProposalJob &job) const;
        [[nodiscard]] bool isCancelled(const Asking &asking);
        /// What the answer cost, the most it can have cost where that is not told; nothing when unknown.
        [[nodiscard]] std::optional<double> moneyOf(const Asking &asking,
                                                    const tl::expected<ModelReply, ModelFault> &answer) const;
        [[nodiscard]] Proposal proposalOf(const Asking &asking, ReadReply read, const PlanParse &plan) const;
        void cancelAll();

        ModelProposerParts parts;
        Model *model;
        Purse purse;
        std::mutex mutex; ///< guards what follows
        std::map<uint64_t, Model::Ticket> underWay; ///< by number of the call; 0: its ticket is not known yet
        uint64_t lastCall = 0;
        uint64_t cancellations = 0; ///< how often cancelAll() was called
    };

    std::shared_ptr<Model> m_model;
    std::shared_ptr<State> m_state;
};

namespace {

void report(const Asking &asking, std::vector<EventBody> records, std::optional<ProposalOutcome> outcome = {})
{
    asking.job.onReport({std::move(records), std::move(outcome)});
}

std::vector<EventBody> listOf(ModelAnswered record)
{
    std::vector<EventBody> records;
    records.emplace_back(std::move(record));
    return records;
}

/// Those of the kernel that was edited, as far as the plan still has them and they fit; else the defaults.
Parameters parametersOf(const LaunchPlan &plan, const Task &task, const Parameters &before)
{
    Parameters kept;
    for (const Tunable &tunable : plan.tunables) {
        const auto value = before.find(tunable.name);
        if (value != before.end()
            && std::count(tunable.values.begin(), tunable.values.end(), value->second) > 0)
            kept.insert(*value);
    }
    const Result<Parameters> resolved = resolveParameters(plan, kept);
    const auto fits = [&](const Workload &workload) {
        return resolvePlan(plan, *resolved, task, workload).has_value();
    };
    if (resolved && std::all_of(task.workloads.begin(), task.workloads.end(), fits))
        return *resolved;
    return resolveParameters(plan, {}).value_or(Parameters());
}

/// What the model is told of a plan that does not hold; empty where it does.
std::string planFaults(const PlanParse &plan)
{
    std::string text;
    for (const Diagnostic &diagnostic : plan.diagnostics) {
        if (diagnostic.severity == Diagnostic::Severity::Error)
            text += fmt::format("{}line {}, column {}: {}", text.empty() ? "" : "; ", diagnostic.line,
                                diagnostic.column, diagnostic.message);
    }
    return text;
}

} // namespace

void ModelProposer::State::begin(const std::shared_ptr<State> &state, const Session &session, ProposalJob job)
{
    const auto asking = std::make_shared<Asking>();
    asking->job = std::move(job);
    const Move &move = asking->job.move;
    const Node *parent = session.startOf(move);
    asking->task = session.task;
    {
        const std::lock_guard lock(state->mutex);
        asking->cancellations = state->cancellations;
    }
    asking->key = {asking->job.step, move.kind, 1};
    if (move.kind == MoveKind::Small && parent) {
        asking->parentSource = parent->candidate.source;
        asking->parentParameters = parent->candidate.parameters;
    }
    PromptInput input {move, {}};
    Result<Question> question = failure(ErrorCode::Internal, "no question was made");
    if (Result<MemoryOffer> offer = state->offerFor(session, asking->job); !offer) {
        question = tl::make_unexpected(std::move(offer.error()));
    } else {
        input.memory = std::move(offer->text);
        if (state->parts.memory)
            asking->memory = std::move(offer->use);
        input.memoryUse = asking->memory;
        question = state->parts.questions->first(session, asking->key, input);
    }
    if (question && session.config.model.reviser && hasKernelToReview(session, move)) {
        asking->afterReview = std::move(*question);
        asking->key.turn = kReview;
        question = state->parts.questions->review(session, asking->key, input);
    }
    if (!question) {
        report(*asking, {}, tl::make_unexpected(NoProposal {NoKind::Failed, std::move(question.error())}));
        return;
    }
    asking->question = std::move(*question);
    ask(state, asking);
}

Result<MemoryOffer> ModelProposer::State::offerFor(const Session &session, const ProposalJob &job) const
{
    return parts.memory ? parts.memory(session, job.move, job.step) : MemoryOffer {};
}

bool ModelProposer::State::isCancelled(const Asking &asking)
{
    const std::lock_guard lock(mutex);
    return asking.cancellations != cancellations;
}

std::optional<double> ModelProposer::State::moneyOf(const Asking &asking,
                                                    const tl::expected<ModelReply, ModelFault> &answer) const
{
    if (parts.recordedMoney)
        return parts.recordedMoney(asking.key);
    if (!parts.price)
        return std::nullopt;
    return moneyOfCall(answer, asking.aside, *parts.price);
}

void ModelProposer::State::ask(const std::shared_ptr<State> &state, const AskingPtr &asking)
{
    asking->aside = state->parts.price ? mostMoneyFor(asking->question.request, *state->parts.price) : 0;
    state->purse.take(asking->aside, [state, asking](bool granted) {
        if (state->isCancelled(*asking)) {
            if (granted)
                state->purse.pay(asking->aside, 0);
            report(*asking, {},
                   tl::make_unexpected(
                       none(NoKind::Cancelled, ErrorCode::Cancelled, "the step was cancelled", "")));
            return;
        }
        if (granted) {
            send(state, asking);
            return;
        }
        report(*asking, {},
               tl::make_unexpected(
                   none(NoKind::OutOfMoney, ErrorCode::BadInput, "no model is asked any more",
                        fmt::format("{:.4f} dollars are spent, and the next question might cost {:.4f}",
                                    state->purse.spent(), asking->aside),
                        "Raise the limit of money to go on")));
    });
}

void ModelProposer::State::send(const std::shared_ptr<State> &state, const AskingPtr &asking)
{
    ++asking->calls;
    std::vector<EventBody> records;
    records.emplace_back(ModelAsked {asking->key, state->parts.endpoint, asking->question.request,
                                     asking->question.prompts, asking->question.memory});
    report(*asking, std::move(records));
    uint64_t call = 0;
    {
        const std::lock_guard lock(state->mutex);
        call = ++state->lastCall;
        state->underWay[call] = 0;
    }
    ModelListener listener;
    listener.onText = asking->job.onText;
    listener.onDone = [state, asking, call](tl::expected<ModelReply, ModelFault> answer) {
        {
            const std::lock_guard lock(state->mutex);
            state->underWay.erase(call);
        }
        takeAnswer(state, asking, std::move(answer));
    };
    const Model::Ticket ticket = state->model->ask(asking->question.request, std::move(listener));
    bool cancelled = false;
    {
        const std::lock_guard lock(state->mutex);
        if (const auto found = state->underWay.find(call); found != state->underWay.end()) {
            found->second = ticket;
            cancelled = state->cancellations != asking->cancellations;
        }
    }
    if (cancelled)
        state->model->cancel(ticket);
}

void ModelProposer::State::takeAnswer(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                      tl::expected<ModelReply, ModelFault> answer)
{
    ModelAnswered record;
    record.key = asking->key;
    record.money = state->moneyOf(*asking, answer);
    state->purse.pay(asking->aside, record.money.value_or(0));
    if (answer) {
        record.reply = *answer;
        takeReply(state, asking, *answer, std::move(record));
        return;
    }
    ModelFault fault = std::move(answer.error());
    // A fault with which the endpoint stopped is recorded as that: a replay cannot ask the endpoint.
    const std::optional<ModelFault> stopped = state->model->stopped();
    if (stopped && fault.kind != FaultKind::Cancelled)
        fault = *stopped;
    record.fault = fault;
    takeFault(state, asking, fault, std::move(record));
}

void ModelProposer::State::takeFault(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                     const ModelFault &fault, ModelAnswered record)
{
    NoProposal end {NoKind::Unanswered, errorOf(fault)};
    if (fault.kind == FaultKind::Cancelled) {
        end.kind = NoKind::Cancelled;
    } else if (endpointIsOff(fault.kind)) {
        end.kind = NoKind::Unavailable;
    } else if (asking->calls < kCallsOfATurn) {
        report(*asking, listOf(std::move(record)));
        ask(state, asking);
        return;
    }
    if (end.kind == NoKind::Unanswered && asking->key.turn == kReview)
        askAfterReview(state, asking, "", std::move(record)); // it goes without
    else
        report(*asking, listOf(std::move(record)), tl::make_unexpected(std::move(end)));
}

void ModelProposer::State::takeReply(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                     const ModelReply &reply, ModelAnswered record)
{
    if (asking->key.turn == kReview) {
        askAfterReview(state, asking, reply.text, std::move(record));
        return;
    }
    const bool edits = asking->key.kind == MoveKind::Small;
    Result<ReadReply> read = edits ? readEditReply(reply, asking->parentSource) : readWholeReply(reply);
    // A model that sends the whole kernel even when asked again for edits has still sent a kernel.
    if (!read && edits && asking->key.turn == kTurns) {
        if (Result<ReadReply> whole = readWholeReply(reply))
            read = std::move(whole);
    }
    std::string fault = read ? std::string() : read.error().message();
    if (read) {
        const PlanParse plan = parsePlan(read->source, asking->task.get());
        Proposal proposal = state->proposalOf(*asking, std::move(*read), plan);
        const std::string faults = plan.ok() ? std::string() : planFaults(plan);
        if (faults.empty() || asking->key.turn == kTurns) {
            // The gate says of a plan that is still wrong what is wrong with it.
            report(*asking, listOf(std::move(record)), std::move(proposal));
            return;
        }
        fault = "the launch plan has faults: " + faults;
        asking->flawed = std::move(proposal);
    }
    if (asking->key.turn < kTurns) {
        askForRepair(state, asking, reply, fault, std::move(record));
        return;
    }
    if (asking->flawed) {
        report(*asking, listOf(std::move(record)), std::move(*asking->flawed));
        return;
    }
    report(
        *asking, listOf(std::move(record)),
        tl::make_unexpected(none(NoKind::Nothing, ErrorCode::BadInput, "no candidate could be read", fault)));
}

void ModelProposer::State::askAfterReview(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                          const std::string &points, ModelAnswered record)
{
    report(*asking, listOf(std::move(record)));
    asking->key.turn = 1;
    asking->calls = 0;
    asking->question = state->parts.questions->afterReview(*asking->afterReview, asking->question, points);
    ask(state, asking);
}

void ModelProposer::State::askForRepair(const std::shared_ptr<State> &state, const AskingPtr &asking,
                                        const ModelReply &reply, const std::string &fault,
                                        ModelAnswered record)
{
    ModelCallKey key = asking->key;
    ++key.turn;
    Result<Question> question = state->parts.questions->repair(key, asking->question, reply.text, fault);
    if (!question) {
        report(*asking, listOf(std::move(record)),
               tl::make_unexpected(NoProposal {NoKind::Failed, std::move(question.error())}));
        return;
    }
    report(*asking, listOf(std::move(record)));
    asking->key = key;
    asking->calls = 0;
    asking->question = std::move(*question);
    ask(state, asking);
}

Proposal ModelProposer::State::proposalOf(const Asking &asking, ReadReply read, const PlanParse &plan) const
{
    Proposal proposal;
    proposal.title = clipped(read.title, kLongestTitle);
    if (proposal.title.empty() && !plan.plan.launches.empty())
        proposal.title = plan.plan.launches.front().kernel;
    if (proposal.title.empty())
        proposal.title = "untitled";
    if (plan.ok())
        proposal.parameters = parametersOf(plan.plan, *asking.task, asking.parentParameters);
    proposal.source = std::move(read.source);
    proposal.origin = parts.origin;
    proposal.memory = asking.memory;
    return proposal;
}

void ModelProposer::State::cancelAll()
{
    std::vector<Model::Ticket> tickets;
    {
        const std::lock_guard lock(mutex);
        ++cancellations;
        for (const auto &[call, ticket] : underWay) {
            if (ticket != 0)
                tickets.push_back(ticket);
        }
    }
    purse.refuseWaiting();
    for (const Model::Ticket ticket : tickets)
        model->cancel(ticket);
}

std::unique_ptr<Proposer> makeModelProposer(ModelProposerParts parts)
{
    return std::make_unique<ModelProposer>(std::move(parts));
}

} // namespace ww
