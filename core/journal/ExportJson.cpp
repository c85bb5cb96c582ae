// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Hash.h"
#include "core/journal/ConfigJson.h"
#include "core/journal/Export.h"
#include "core/journal/ModelEventJson.h"
#include "core/judge/EvaluationJson.h"
#include "core/task/JsonFields.h"
#include "core/task/TaskJson.h"
#include "core/worker/MessagesJson.h"

namespace ww {
namespace {

using Json = nlohmann::json;

Json candidateToJson(const Node &node)
{
    const Candidate &candidate = node.candidate;
    Json entry {{"id", candidate.id},
                {"parent", candidate.parent},
                {"step", candidate.step},
                {"kind", toString(candidate.kind)},
                {"origin", jsonText(candidate.origin)},
                {"title", jsonText(candidate.title)},
                {"lineage", lineageToJson(candidate.lineage)},
                {"source", jsonText(candidate.source)},
                {"parameters", candidate.parameters},
                {"content_hash", candidate.contentHash()},
                {"proposed_at", node.proposedAt},
                {"evaluated_at", node.evaluation ? Json(node.evaluatedAt) : Json(nullptr)},
                {"confirmed_at", node.confirmation ? Json(node.confirmedAt) : Json(nullptr)},
                {"evaluation", node.evaluation ? evaluationToJson(*node.evaluation) : Json(nullptr)},
                {"confirmation", node.confirmation ? evaluationToJson(*node.confirmation) : Json(nullptr)},
                {"confirmed", node.confirmed()}};
    if (candidate.memory)
        entry["memory"] = memoryUseToJson(*candidate.memory);
    if (node.outcome)
        entry["reward"] = node.outcome->reward;
    return entry;
}

/// Questions to models and their answers; their texts go into `texts`, each once, by SHA-256.
Json callsToJson(const Session &session, Json &texts)
{
    const LayBeside layBeside = [&texts](const std::string &text) {
        std::string hash = sha256Hex(text);
        texts[hash] = jsonText(text);
        return hash;
    };
    Json list = Json::array();
    for (const ModelCall &call : session.calls)
        list.push_back(
            {{"asked_at", call.askedAt},
             {"asked", askedToJson(*call.asked, layBeside)},
             {"answered", call.answered ? answeredToJson(*call.answered, layBeside) : Json(nullptr)}});
    return list;
}

Json curveToJson(const std::vector<BestPoint> &curve)
{
    Json list = Json::array();
    for (const BestPoint &point : curve)
        list.push_back(
            {{"id", point.id}, {"step", point.step}, {"seconds", point.seconds}, {"speedup", point.speedup}});
    return list;
}

Json idOrNull(CandidateId id)
{
    return id != 0 ? Json(id) : Json(nullptr);
}

} // namespace

std::string exportJson(const Session &session)
{
    Json devices = Json::array();
    for (const Capabilities &device : session.devices)
        devices.push_back(Json::parse(toLine(FromWorker(device)), nullptr, false));
    Json candidates = Json::array();
    for (size_t i = 1; i < session.nodes.size(); ++i)
        candidates.push_back(candidateToJson(session.nodes[i]));
    Json texts = Json::object();
    Json calls = callsToJson(session, texts);
    const Json document {{"format", "warpwright-session"},
                         {"version", 1},
                         {"session_id", jsonText(session.sessionId)},
                         {"origin", jsonText(session.origin)},
                         {"program", jsonText(session.program)},
                         {"created_at", session.createdAt},
                         {"task", session.task ? taskToJson(*session.task) : Json(nullptr)},
                         {"config", configToJson(session.config)},
                         {"devices", std::move(devices)},
                         {"steps", session.stepsDone},
                         {"run_seconds", session.runSeconds},
                         {"stop_reason", jsonText(session.stopReason)},
                         {"stop_detail", jsonText(session.stopDetail)},
                         {"best", idOrNull(session.best)},
                         {"confirmed_best", idOrNull(session.confirmedBest)},
                         {"best_curve", curveToJson(session.bestCurve)},
                         {"money", session.spent.money},
                         {"calls", std::move(calls)},
                         {"texts", std::move(texts)},
                         {"candidates", std::move(candidates)}};
    return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace ww
