// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Learning.h"

#include "core/memory/FailureClass.h"
#include "core/memory/Falsifier.h"
#include "core/memory/Sentence.h"
#include "core/memory/SourceTechniques.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace ww {
namespace {

/// New kinds of failure that one session can add: more would be noise.
constexpr size_t kMostUnknownClasses = 50;

const Capabilities *deviceOf(const Session &session, const Evaluation &evaluation)
{
    const auto name = evaluation.environment.find("device");
    for (const Capabilities &device : session.devices) {
        if (name != evaluation.environment.end() && device.device == name->second)
            return &device;
    }
    return session.devices.empty() ? nullptr : &session.devices.front();
}

std::string environmentOf(const Evaluation &evaluation, const char *key)
{
    const auto found = evaluation.environment.find(key);
    return found == evaluation.environment.end() ? std::string() : found->second;
}

Lesson lessonOf(const Session &session, const Node &node, const FailureClass &failure)
{
    const Evaluation &evaluation = *node.evaluation;
    const std::string &language = session.task->language;
    Lesson lesson;
    Rule &rule = lesson.rule;
    rule.errorClass = failure.name;
    rule.language = language;
    rule.key = ruleKey(language, failure.name);
    rule.sentence = failure.sentence;
    rule.origin = "learned";
    rule.createdAt = node.evaluatedAt;
    rule.falsifier.source = failure.isKnown
        ? failure.falsifier
        : probeOf(language, node.candidate.source, node.candidate.parameters);
    const std::string toolchain = environmentOf(evaluation, "toolchain");
    const std::string driver = environmentOf(evaluation, "driver");
    lesson.sighting = {session.sessionId,
                       node.candidate.id,
                       environmentOf(evaluation, "backend"),
                       environmentOf(evaluation, "device"),
                       driver.empty() ? toolchain : fmt::format("{}, driver {}", toolchain, driver),
                       failure.diagnostic,
                       node.evaluatedAt};
    return lesson;
}

/// Prompts whose answers held no candidate, not even the second time: they have failed as well. What was cut
/// off, or what the endpoint failed at, says nothing of the prompt.
std::vector<PromptOutcome> promptsWithoutCandidate(const Session &session)
{
    std::map<std::pair<int, MoveKind>, const ModelCall *> first, last;
    for (const ModelCall &call : session.calls) {
        const std::pair prompt(call.asked->key.step, call.asked->key.kind);
        if (call.asked->memory)
            first[prompt] = &call;
        last[prompt] = &call;
    }
    for (const Node &node : session.nodes)
        first.erase({node.candidate.step, node.move.kind});
    std::vector<PromptOutcome> outcomes;
    for (const Decision &decision : session.decisions) {
        const auto asked = first.find({decision.step, decision.move.kind});
        if (asked == first.end() || decision.endedSeq == 0)
            continue;
        const ModelAnswered *answer = last[asked->first]->answered.get();
        if (answer == nullptr || answer->fault)
            continue;
        const CandidateId number = -(2 * decision.step + (decision.move.kind == MoveKind::Small ? 1 : 0));
        outcomes.push_back({session.sessionId,
                            number,
                            session.task->language,
                            *asked->second->asked->memory,
                            false,
                            {},
                            asked->second->askedAt});
    }
    return outcomes;
}

std::optional<Gain> gainOf(const Session &session, const Node &node)
{
    const Node *parent = node.candidate.parent > 0 ? session.find(node.candidate.parent) : nullptr;
    if (parent == nullptr || !parent->evaluation || !correct(parent->evaluation->verdict)
        || !correct(node.evaluation->verdict) || !parent->evaluation->speedup || !node.evaluation->speedup)
        return std::nullopt;
    const SpeedupRecord &before = *parent->evaluation->speedup, &after = *node.evaluation->speedup;
    const bool known = before.ratio > 0 && before.ci95Low > 0 && before.ci95High > 0 && after.ratio > 0
        && std::isfinite(before.ratio) && std::isfinite(after.ratio);
    const std::string technique = techniqueBetween(parent->candidate, node.candidate);
    if (!known || technique.empty())
        return std::nullopt;
    return Gain {session.sessionId,
                 parent->candidate.id,
                 node.candidate.id,
                 session.task->name,
                 session.task->language,
                 environmentOf(*node.evaluation, "device"),
                 limitOf(*parent->evaluation, deviceOf(session, *parent->evaluation)),
                 technique,
                 after.ratio / before.ratio,
                 after.ci95Low / before.ci95High,
                 after.ci95High / before.ci95Low,
                 node.evaluatedAt};
}

} // namespace

std::string limitOf(const Evaluation &evaluation, const Capabilities *device)
{
    if (evaluation.profile && !evaluation.profile->bottleneck.empty()
        && evaluation.profile->bottleneck != "unknown")
        return evaluation.profile->bottleneck;
    if (!correct(evaluation.verdict) || !evaluation.bound || evaluation.bound->bytes <= 0)
        return {};
    for (const auto &[name, value] : evaluation.resources) {
        if (name.ends_with("spill_load_bytes") && value != "0")
            return "register spills";
    }
    double border = 16; // operations a byte
    if (device != nullptr) {
        const auto bandwidth = device->peaks.find("copy_gbps"), rate = device->peaks.find("flops_f32_gflops");
        if (bandwidth != device->peaks.end() && rate != device->peaks.end() && bandwidth->second > 0)
            border = rate->second / bandwidth->second;
    }
    return evaluation.bound->flops / evaluation.bound->bytes > border ? "arithmetic" : "memory bandwidth";
}

Lessons lessonsOf(const Session &session)
{
    Lessons lessons;
    if (!session.task || session.origin.starts_with("import"))
        return lessons;
    const std::string &language = session.task->language;
    std::set<std::string> unknown;
    for (const Node &node : session.nodes) {
        if (!node.evaluation)
            continue;
        const FailureFinding finding = classify(*node.evaluation, language, node.candidate.source);
        using Kind = FailureFinding::Kind;
        if (finding.kind == Kind::Infrastructure) {
            ++lessons.infrastructure;
            continue;
        }
        if (finding.kind == Kind::Unexplained)
            ++lessons.unexplained;
        if (finding.kind == Kind::Explained) {
            if (!finding.failure.isKnown)
                unknown.insert(finding.failure.name);
            if (finding.failure.isKnown || unknown.size() <= kMostUnknownClasses)
                lessons.failures.push_back(lessonOf(session, node, finding.failure));
        }
        if (auto gain = gainOf(session, node))
            lessons.gains.push_back(std::move(*gain));
        if (node.candidate.memory)
            lessons.prompts.push_back({session.sessionId, node.candidate.id, language, *node.candidate.memory,
                                       finding.kind == Kind::None, finding.failure.name, node.proposedAt});
    }
    for (PromptOutcome &prompt : promptsWithoutCandidate(session))
        lessons.prompts.push_back(std::move(prompt));
    return lessons;
}

} // namespace ww
