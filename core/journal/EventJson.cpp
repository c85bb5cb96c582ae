// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/EventJson.h"

#include "core/base/Hash.h"
#include "core/journal/ConfigJson.h"
#include "core/journal/ModelEventJson.h"
#include "core/judge/EvaluationJson.h"
#include "core/task/JsonFields.h"
#include "core/task/TaskJson.h"
#include "core/worker/MessagesJson.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;

std::string dumped(const Json &document)
{
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Puts a text beside the body and returns the hash that stands for it.
std::string laidBeside(PackedEvent &packed, std::string text)
{
    std::string hash = sha256Hex(text);
    packed.texts.push_back(std::move(text));
    return hash;
}

Json pack(const SessionCreated &event, PackedEvent &packed)
{
    packed.kind = "session_created";
    return {{"session", jsonText(event.sessionId)},
            {"origin", jsonText(event.origin)},
            {"program", jsonText(event.program)},
            {"task", laidBeside(packed, dumped(taskToJson(*event.task)))},
            {"config", configToJson(event.config)}};
}

Json pack(const RunStarted &event, PackedEvent &packed)
{
    packed.kind = "run_started";
    Json devices = Json::array();
    for (const Capabilities &device : event.devices)
        devices.push_back(Json::parse(toLine(FromWorker(device)), nullptr, false));
    return {{"devices", devices}, {"config", configToJson(event.config)}, {"resumed", event.resumed}};
}

Json pack(const StepBegun &event, PackedEvent &packed)
{
    packed.kind = "step_begun";
    return {{"step", event.step}, {"move", moveToJson(event.move)}};
}

Json pack(const CandidateProposed &event, PackedEvent &packed)
{
    packed.kind = "candidate_proposed";
    const Candidate &candidate = event.candidate;
    Json body {{"step", event.step},
               {"move", moveToJson(event.move)},
               {"id", candidate.id},
               {"parent", candidate.parent},
               {"lineage", lineageToJson(candidate.lineage)},
               {"kind", toString(candidate.kind)},
               {"origin", jsonText(candidate.origin)},
               {"title", jsonText(candidate.title)},
               {"source", laidBeside(packed, candidate.source)},
               {"parameters", candidate.parameters}};
    if (candidate.memory)
        body["memory"] = memoryUseToJson(*candidate.memory);
    return body;
}

Json pack(const StepWithoutCandidate &event, PackedEvent &packed)
{
    packed.kind = "step_without_candidate";
    return {{"step", event.step}, {"move", moveToJson(event.move)}, {"why", jsonText(event.why)}};
}

Json pack(const EvaluationFinished &event, PackedEvent &packed)
{
    packed.kind = "evaluation_finished";
    Evaluation evaluation = event.evaluation;
    for (size_t i = 0; i < evaluation.timing.size(); ++i) {
        TimingRecord &timing = evaluation.timing[i];
        if (!timing.samplesUs.empty())
            packed.samples.push_back(
                {static_cast<int>(i), timing.workload, std::exchange(timing.samplesUs, {})});
    }
    Json body {{"id", event.id}, {"confirmation", event.confirmation}};
    if (!evaluation.buildLog.empty())
        body["build_log"] = laidBeside(packed, std::exchange(evaluation.buildLog, {}));
    body["evaluation"] = evaluationToJson(evaluation);
    if (event.outcome)
        body["outcome"] = {{"compiled", event.outcome->compiled},
                           {"correct", event.outcome->correct},
                           {"speedup", event.outcome->speedup},
                           {"reward", event.outcome->reward}};
    return body;
}

Json pack(const RunStopped &event, PackedEvent &packed)
{
    packed.kind = "run_stopped";
    return {{"reason", jsonText(event.reason)}, {"detail", jsonText(event.detail)}};
}

Json pack(const SearchPaused &event, PackedEvent &packed)
{
    packed.kind = "search_paused";
    return {{"why", jsonText(event.why)}};
}

Json pack(const HintGiven &event, PackedEvent &packed)
{
    packed.kind = "hint_given";
    return {{"id", event.id}, {"text", jsonText(event.text)}};
}

Json pack(const ModelAsked &event, PackedEvent &packed)
{
    packed.kind = "model_asked";
    return askedToJson(event, [&packed](const std::string &text) { return laidBeside(packed, text); });
}

Json pack(const ModelAnswered &event, PackedEvent &packed)
{
    packed.kind = "model_answered";
    return answeredToJson(event, [&packed](const std::string &text) { return laidBeside(packed, text); });
}

/// Reads `out` from its own JSON reader.
template <class T> void nested(JsonFields &fields, const char *key, Result<T> (*read)(const Json &), T &out)
{
    fields.field(key, true, [&](const Json &value, const std::string &) -> Status {
        WW_TRY(out, read(value));
        return {};
    });
}

Result<EventBody> unpackCreated(const Json &document, const EventAttachments &attachments)
{
    SessionCreated event;
    std::string task;
    JsonFields fields(document, "");
    fields.required("session", event.sessionId);
    fields.required("origin", event.origin);
    fields.required("program", event.program);
    fields.required("task", task);
    nested(fields, "config", configFromJson, event.config);
    WW_CHECK(fields.finish());
    WW_TRY(const std::string text, attachments.text(task));
    WW_TRY(const Json parsed, parseJson(text));
    WW_TRY(Task read, taskFromJson(parsed));
    event.task = std::make_shared<const Task>(std::move(read));
    return event;
}

Result<EventBody> unpackStarted(const Json &document)
{
    RunStarted event;
    JsonFields fields(document, "");
    nested(fields, "config", configFromJson, event.config);
    fields.required("resumed", event.resumed);
    fields.list("devices", true, [&](const Json &value, const std::string &path) -> Status {
        WW_TRY(FromWorker message, parseFromWorker(dumped(value)));
        auto *device = std::get_if<Capabilities>(&message);
        if (!device)
            return jsonFault(path, "is not what a worker says of itself");
        event.devices.push_back(std::move(*device));
        return {};
    });
    WW_CHECK(fields.finish());
    return event;
}

Result<EventBody> unpackBegun(const Json &document)
{
    StepBegun event;
    JsonFields fields(document, "");
    fields.required("step", event.step);
    nested(fields, "move", moveFromJson, event.move);
    WW_CHECK(fields.finish());
    return event;
}

Result<EventBody> unpackProposed(const Json &document, const EventAttachments &attachments)
{
    CandidateProposed event;
    Candidate &candidate = event.candidate;
    std::string kind, source;
    JsonFields fields(document, "");
    fields.required("step", event.step);
    nested(fields, "move", moveFromJson, event.move);
    fields.required("id", candidate.id);
    fields.required("parent", candidate.parent);
    nested(fields, "lineage", lineageFromJson, candidate.lineage);
    fields.required("kind", kind);
    fields.required("origin", candidate.origin);
    fields.required("title", candidate.title);
    fields.required("source", source);
    fields.required("parameters", candidate.parameters);
    fields.field("memory", false, [&](const Json &value, const std::string &) -> Status {
        WW_TRY(candidate.memory, memoryUseFromJson(value));
        return {};
    });
    WW_CHECK(fields.finish());
    candidate.step = event.step;
    WW_TRY(candidate.kind, moveKindFromName(kind));
    WW_TRY(candidate.source, attachments.text(source));
    return event;
}

Result<EventBody> unpackWithout(const Json &document)
{
    StepWithoutCandidate event;
    JsonFields fields(document, "");
    fields.required("step", event.step);
    nested(fields, "move", moveFromJson, event.move);
    fields.required("why", event.why);
    WW_CHECK(fields.finish());
    return event;
}

Status readOutcome(const Json &document, const std::string &path, PolicyOutcome &outcome)
{
    JsonFields fields(document, path);
    fields.required("compiled", outcome.compiled);
    fields.required("correct", outcome.correct);
    fields.required("speedup", outcome.speedup);
    fields.required("reward", outcome.reward);
    return fields.finish();
}

Result<EventBody> unpackFinished(const Json &document, EventAttachments &attachments)
{
    EvaluationFinished event;
    std::string buildLog;
    JsonFields fields(document, "");
    fields.required("id", event.id);
    fields.required("confirmation", event.confirmation);
    fields.optional("build_log", buildLog);
    nested(fields, "evaluation", evaluationFromJson, event.evaluation);
    fields.field("outcome", false, [&](const Json &value, const std::string &path) {
        return readOutcome(value, path, event.outcome.emplace());
    });
    WW_CHECK(fields.finish());
    if (!buildLog.empty()) {
        WW_TRY(event.evaluation.buildLog, attachments.text(buildLog));
    }
    for (auto &[place, us] : attachments.samples) {
        if (place < 0 || static_cast<size_t>(place) >= event.evaluation.timing.size())
            return jsonFault("evaluation.timing", fmt::format("has no entry {} for its samples", place));
        event.evaluation.timing[static_cast<size_t>(place)].samplesUs = std::move(us);
    }
    return event;
}

Result<EventBody> unpackStopped(const Json &document)
{
    RunStopped event;
    JsonFields fields(document, "");
    fields.required("reason", event.reason);
    fields.required("detail", event.detail);
    WW_CHECK(fields.finish());
    return event;
}

Result<EventBody> unpackPaused(const Json &document)
{
    SearchPaused event;
    JsonFields fields(document, "");
    fields.required("why", event.why);
    WW_CHECK(fields.finish());
    return event;
}

Result<EventBody> unpackHint(const Json &document)
{
    HintGiven event;
    JsonFields fields(document, "");
    fields.required("id", event.id);
    fields.required("text", event.text);
    WW_CHECK(fields.finish());
    return event;
}

} // namespace

PackedEvent packEvent(const EventBody &event)
{
    PackedEvent packed;
    packed.body = dumped(std::visit([&](const auto &body) { return pack(body, packed); }, event));
    return packed;
}

Result<EventBody> unpackEvent(std::string_view kind, std::string_view body, EventAttachments attachments)
{
    WW_TRY(const Json document, parseJson(body));
    if (kind == "session_created")
        return unpackCreated(document, attachments);
    if (kind == "run_started")
        return unpackStarted(document);
    if (kind == "step_begun")
        return unpackBegun(document);
    if (kind == "candidate_proposed")
        return unpackProposed(document, attachments);
    if (kind == "step_without_candidate")
        return unpackWithout(document);
    if (kind == "evaluation_finished")
        return unpackFinished(document, attachments);
    if (kind == "run_stopped")
        return unpackStopped(document);
    if (kind == "search_paused")
        return unpackPaused(document);
    if (kind == "hint_given")
        return unpackHint(document);
    if (kind == "model_asked")
        return askedFromJson(document, attachments.text);
    if (kind == "model_answered")
        return answeredFromJson(document, attachments.text);
    return failure(ErrorCode::BadInput, "cannot read the event", fmt::format("unknown kind '{}'", kind));
}

} // namespace ww
