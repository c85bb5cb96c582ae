// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/SessionText.h"

#include "app/cli/EvidenceText.h"
#include "core/candidate/LaunchPlan.h"
#include "core/task/Task.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace ww::cli {
namespace {

/// "3 calls, 12345 tokens in (2000 cached), 678 out, $0.0123"
std::string spendingText(const ModelSpending &spent)
{
    const bool counted = spent.usage.input + spent.usage.output > 0;
    const std::string money = spent.unpriced > 0 && spent.money == 0 ? std::string("price not known")
        : !counted && spent.money > 0 ? fmt::format("at most ${:.4f}", spent.money)
                                      : fmt::format("${:.4f}", spent.money);
    return fmt::format("{} {}, {} tokens in ({} cached), {} out, {}{}", spent.calls,
                       spent.calls == 1 ? "call" : "calls", spent.usage.input, spent.usage.cachedInput,
                       spent.usage.output, money,
                       spent.unpriced > 0 && spent.money > 0
                           ? fmt::format(" and {} calls without a known price", spent.unpriced)
                           : "");
}

ModelSpending spendingOn(const Session &session, CandidateId id)
{
    ModelSpending spent;
    for (const ModelCall &call : session.callsOf(id)) {
        if (call.answered)
            spent.add(*call.answered);
    }
    return spent;
}

std::string modelText(const Session &session)
{
    if (session.config.proposer == "human") // who counts no tokens
        return fmt::format("model        asked by a person {}\n",
                           session.spent.calls == 1 ? "once" : fmt::format("{} times", session.spent.calls));
    std::string text =
        fmt::format("model        {}: {}", session.config.model.model, spendingText(session.spent));
    if (const auto forecast = moneyForecast(session); forecast && session.stepsDone < session.config.steps)
        text += fmt::format("; about ${:.4f} for {} steps", *forecast, session.config.steps);
    if (session.config.money > 0)
        text += fmt::format("; limit ${:g}", session.config.money);
    return text + "\n";
}

/// What a compiler made of a candidate, and how it is launched: equal for sources that differ in words alone.
/// Empty where the compiler does not tell.
std::string codeOf(const Node &node)
{
    if (!node.evaluation)
        return {};
    const auto &hashes = node.evaluation->hashes;
    const auto binary = hashes.find("binary");
    if (binary == hashes.end() || binary->second.empty())
        return {};
    std::string code = binary->second + '\n' + printPlan(parsePlan(node.candidate.source).plan);
    for (const auto &[name, value] : node.candidate.parameters)
        code += fmt::format("{}={}\n", name, value);
    return code;
}

/// The first candidate with each machine code.
std::map<std::string, CandidateId> firstOfCodes(const Session &session)
{
    std::map<std::string, CandidateId> first;
    for (const Node &node : session.nodes) {
        if (std::string code = codeOf(node); !code.empty())
            first.emplace(std::move(code), node.candidate.id);
    }
    return first;
}

/// The earlier candidate that compiles to the same machine code; 0 for none.
CandidateId twinOf(const std::map<std::string, CandidateId> &first, const Node &node)
{
    const auto twin = first.find(codeOf(node));
    return twin == first.end() || twin->second == node.candidate.id ? 0 : twin->second;
}

std::string nodeText(const Session &session, const std::map<std::string, CandidateId> &codes,
                     const Node &node)
{
    std::string outcome = node.evaluation ? outcomeText(*node.evaluation) : "not evaluated yet";
    if (node.confirmation)
        outcome += fmt::format("; again: {}", outcomeText(*node.confirmation));
    if (node.candidate.id == session.confirmedBest)
        outcome += "  ★ best, confirmed";
    else if (node.candidate.id == session.best)
        outcome += "  ☆ best, not confirmed";
    if (const ModelSpending spent = spendingOn(session, node.candidate.id); spent.calls > 0)
        outcome += fmt::format("  ({})", spendingText(spent));
    if (const CandidateId twin = twinOf(codes, node); twin > 0)
        outcome += fmt::format("  (the machine code of #{})", twin);
    return fmt::format("#{} {} {}: {}", node.candidate.id, toString(node.candidate.kind),
                       node.candidate.title, outcome);
}

nlohmann::json spendingJson(const ModelSpending &spent)
{
    return {{"calls", spent.calls},
            {"unpriced", spent.unpriced},
            {"input", spent.usage.input},
            {"cached_input", spent.usage.cachedInput},
            {"cache_writes", spent.usage.cacheWrites},
            {"output", spent.usage.output},
            {"reasoning", spent.usage.reasoning},
            {"money", spent.money}};
}

/// How the library's time compares with this candidate's, on a line of its own; empty without a library.
std::string libraryText(const Evaluation &evaluation)
{
    if (!evaluation.library)
        return {};
    const LibraryRecord &library = *evaluation.library;
    if (!library.problem.empty())
        return fmt::format("\nlibrary      {}: {}", library.name, library.problem);
    return fmt::format("\nlibrary      {:.3g}× {} (its time / the best one's)", library.ratio, library.name);
}

nlohmann::json candidateJson(const Node &node)
{
    nlohmann::json entry {{"id", node.candidate.id},
                          {"parent", node.candidate.parent},
                          {"step", node.candidate.step},
                          {"kind", toString(node.candidate.kind)},
                          {"origin", node.candidate.origin},
                          {"title", node.candidate.title},
                          {"parameters", node.candidate.parameters},
                          {"content_hash", node.candidate.contentHash()},
                          {"verdict", nullptr},
                          {"speedup", nullptr}};
    if (node.evaluation) {
        entry["verdict"] = toString(node.evaluation->verdict);
        if (node.evaluation->speedup)
            entry["speedup"] = {
                {"ratio", node.evaluation->speedup->ratio},
                {"ci95", {node.evaluation->speedup->ci95Low, node.evaluation->speedup->ci95High}},
                {"verdict", node.evaluation->speedup->verdict}};
        if (node.evaluation->library)
            entry["library"] = {{"name", node.evaluation->library->name},
                                {"ratio", node.evaluation->library->ratio}};
        const bool again = node.confirmation && node.confirmation->profile;
        if (const auto &profile = again ? node.confirmation->profile : node.evaluation->profile)
            entry["bottleneck"] = profile->bottleneck;
    }
    return entry;
}

} // namespace

std::string sessionSummaryText(const Session &session)
{
    std::map<std::string, int> outcomes;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Node &node = session.nodes[i];
        ++outcomes[node.evaluation ? toString(node.evaluation->verdict) : "not evaluated yet"];
    }
    std::string counts;
    for (const auto &[name, count] : outcomes)
        counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name);
    std::string text = fmt::format(
        "task         {}\nsearch       {}, {} proposer, seed {}; {} steps, {:.1f} s\n"
        "candidates   {} ({})\n",
        session.task ? session.task->name : "?", session.config.policy, session.config.proposer,
        session.config.seed, session.stepsDone, session.runSeconds, session.nodes.size() - 1, counts);
    if (session.spent.calls > 0)
        text += modelText(session);
    if (!session.pausedWhy.empty())
        text += fmt::format("paused       {}\n", session.pausedWhy);
    if (!session.stopReason.empty())
        text += fmt::format("stopped      {}{}\n", session.stopReason,
                            session.stopDetail.empty() ? "" : ": " + session.stopDetail);
    const Node *best = session.best > 0 ? session.find(session.best) : nullptr;
    if (best != nullptr && best->evaluation) {
        const bool gained = best->evaluation->speedupRatio() > 1;
        text += fmt::format("best         {}#{} {}: {}\n",
                            gained ? "" : "none beats the baseline; the nearest is ", best->candidate.id,
                            best->candidate.title, outcomeText(*best->evaluation));
        for (const ForeignRecord &record : best->evaluation->foreign)
            text += fmt::format("             {} would say {}{}\n", record.profile, record.verdict,
                                record.speedup > 0 ? fmt::format(" {:.3g}×", record.speedup) : "");
    } else {
        text += "best         nothing correct yet\n";
    }
    const Node *confirmed = session.confirmedBest > 0 ? session.find(session.confirmedBest) : nullptr;
    if (confirmed != nullptr && confirmed->confirmation)
        text += fmt::format("confirmed    #{} {}: {}", confirmed->candidate.id, confirmed->candidate.title,
                            outcomeText(*confirmed->confirmation));
    else
        text += "confirmed    none";
    if (const Node *shown = confirmed ? confirmed : best; shown && shown->evaluation)
        text += libraryText(*shown->evaluation);
    return text;
}

std::string sessionTreeText(const Session &session)
{
    std::vector<std::vector<CandidateId>> children(session.nodes.size());
    for (size_t i = session.nodes.size(); i-- > 1;)
        children[static_cast<size_t>(session.nodes[i].candidate.parent)].push_back(
            static_cast<CandidateId>(i));
    const std::map<std::string, CandidateId> codes = firstOfCodes(session);
    std::string text;
    // An explicit stack: a chain of ten thousand small steps must not exhaust ours.
    std::vector<std::pair<CandidateId, int>> stack {{0, -1}};
    while (!stack.empty()) {
        const auto [id, depth] = stack.back();
        stack.pop_back();
        if (id != 0)
            text += fmt::format("{:{}}{}\n", "", 2 * depth,
                                nodeText(session, codes, session.nodes[static_cast<size_t>(id)]));
        for (const CandidateId child : children[static_cast<size_t>(id)])
            stack.emplace_back(child, depth + 1);
    }
    return text;
}

nlohmann::json sessionSummaryJson(const Session &session, const std::string &path)
{
    nlohmann::json candidates = nlohmann::json::array();
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        candidates.push_back(candidateJson(session.nodes[i]));
        candidates.back()["spent"] = spendingJson(spendingOn(session, static_cast<CandidateId>(i)));
    }
    const auto pick = [&](CandidateId id) -> nlohmann::json {
        const Node *node = id > 0 ? session.find(id) : nullptr;
        return node == nullptr ? nlohmann::json(nullptr) : candidateJson(*node);
    };
    const std::optional<double> forecast = moneyForecast(session);
    return {{"session_id", session.sessionId},
            {"file", path},
            {"origin", session.origin},
            {"program", session.program},
            {"task", session.task ? session.task->name : ""},
            {"policy", session.config.policy},
            {"proposer", session.config.proposer},
            {"seed", session.config.seed},
            {"steps", session.stepsDone},
            {"run_seconds", session.runSeconds},
            {"stop_reason", session.stopReason},
            {"paused_why", session.pausedWhy},
            {"open_steps", session.openSteps()},
            {"spent", spendingJson(session.spent)},
            {"money_forecast", forecast ? nlohmann::json(*forecast) : nlohmann::json(nullptr)},
            {"best", pick(session.best)},
            {"confirmed_best", pick(session.confirmedBest)},
            {"candidates", candidates},
            {"pending", session.pending()}};
}

} // namespace ww::cli
