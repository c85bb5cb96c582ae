// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/worker/MessagesJson.h"

#include "core/base/Utf8.h"
#include "core/judge/AdmissionJson.h"
#include "core/judge/EvaluationJson.h"
#include "core/task/JsonFields.h"
#include "core/task/Names.h"
#include "core/task/TaskJson.h"

#include <fmt/format.h>

#include <cmath>

namespace ww {
namespace {

using nlohmann::json;

// ---- writing ---------------------------------------------------------------------------------------

json message(const char *type)
{
    return {{"v", kProtocolVersion}, {"type", type}};
}

json strings(const std::vector<std::string> &texts)
{
    json list = json::array();
    for (const std::string &text : texts)
        list.push_back(jsonText(text));
    return list;
}

json toJson(const KernelChoice &kernel)
{
    json parameters = json::object();
    for (const auto &[name, value] : kernel.parameters)
        parameters[jsonText(name).get<std::string>()] = value;
    return {{"name", jsonText(kernel.name)},
            {"source", jsonText(kernel.source)},
            {"parameters", std::move(parameters)}};
}

json toJson(const HelloRequest &)
{
    return message("hello");
}

json toJson(const Budgets &budgets)
{
    return {{"compile_s", budgets.compileSeconds},
            {"smoke_s", budgets.smokeSeconds},
            {"correctness_s", budgets.correctnessSeconds},
            {"timing_s", budgets.timingSeconds}};
}

json toJson(const EvaluateRequest &request)
{
    json line = message("evaluate");
    line["id"] = jsonText(request.id);
    line["nonce"] = jsonText(request.nonce);
    line["task"] = taskToJson(request.task);
    line["candidate"] = toJson(request.candidate);
    if (request.baseline)
        line["baseline"] = toJson(*request.baseline);
    line["last_stage"] = jsonText(request.lastStage);
    line["workloads"] = strings(request.workloads);
    line["sets"] = strings(request.sets);
    line["probes_above"] = request.probesAbove;
    line["budgets"] = toJson(request.budgets);
    line["seed"] = request.seed;
    line["fresh_runner"] = request.freshRunner;
    line["profile"] = request.profile;
    line["code"] = request.code;
    return line;
}

json toJson(const PrepareRequest &request)
{
    json line = toJson(request.evaluation);
    line["type"] = "prepare";
    return line;
}

json toJson(const AdmitRequest &request)
{
    json line = message("admit");
    line["id"] = jsonText(request.id);
    line["nonce"] = jsonText(request.nonce);
    line["task"] = taskToJson(request.task);
    line["budgets"] = toJson(request.budgets);
    line["seed"] = request.seed;
    line["mutant_s"] = request.mutantSeconds;
    return line;
}

json toJson(const CancelRequest &request)
{
    json line = message("cancel");
    line["id"] = jsonText(request.id);
    return line;
}

json toJson(const ShutdownRequest &)
{
    return message("shutdown");
}

json toJson(const UnknownRequest &request)
{
    json line = message("");
    line["type"] = jsonText(request.type);
    return line;
}

json toJson(const Capabilities &capabilities)
{
    json line = message("capabilities");
    line["backend"] = jsonText(capabilities.backend);
    line["device"] = jsonText(capabilities.device);
    line["device_kind"] = jsonText(capabilities.deviceKind);
    line["spec"] = jsonText(capabilities.spec);
    line["driver"] = jsonText(capabilities.driver);
    line["platform"] = jsonText(capabilities.platform);
    line["host"] = jsonText(capabilities.host);
    line["toolchain"] = jsonText(capabilities.toolchain);
    line["sandbox"] = jsonText(capabilities.sandbox);
    line["sandbox_note"] = jsonText(capabilities.sandboxNote);
    line["counters"] = jsonText(capabilities.counters);
    line["compute_units"] = capabilities.computeUnits;
    line["global_cache_bytes"] = capabilities.globalCacheBytes;
    line["local_memory_bytes"] = capabilities.localMemoryBytes;
    line["max_work_group"] = capabilities.maxWorkGroup;
    line["noise_floor"] = capabilities.noiseFloor;
    line["peaks"] = json::object();
    for (const auto &[name, value] : capabilities.peaks)
        line["peaks"][jsonText(name).get<std::string>()] = value;
    line["compilers"] = capabilities.compilers;
    return line;
}

json toJson(const StageMessage &stage)
{
    json line = message("stage");
    line["id"] = jsonText(stage.id);
    line["stage"] = jsonText(stage.stage.name);
    line["status"] = jsonText(stage.stage.status);
    line["ms"] = stage.stage.ms;
    line["detail"] = jsonText(stage.stage.detail);
    return line;
}

json toJson(const SamplesMessage &samples)
{
    json line = message("samples");
    line["id"] = jsonText(samples.id);
    line["workload"] = jsonText(samples.workload);
    line["us"] = samples.us;
    line["baseline"] = samples.baseline;
    return line;
}

json toJson(const ResultMessage &result)
{
    json line = message("result");
    line["id"] = jsonText(result.id);
    line["nonce"] = jsonText(result.nonce);
    line["evaluation"] = evaluationToJson(result.evaluation);
    return line;
}

json toJson(const AdmissionMessage &admission)
{
    json line = message("admission");
    line["id"] = jsonText(admission.id);
    line["nonce"] = jsonText(admission.nonce);
    line["report"] = admissionToJson(admission.report);
    return line;
}

json toJson(const ErrorMessage &error)
{
    json line = message("error");
    line["id"] = jsonText(error.id);
    line["code"] = jsonText(error.code);
    line["message"] = jsonText(error.message);
    return line;
}

json toJson(const HeartbeatMessage &)
{
    return message("heartbeat");
}

// ---- reading ---------------------------------------------------------------------------------------

Status read(const json &value, const std::string &path, KernelChoice &kernel)
{
    JsonFields fields(value, path);
    fields.optional("name", kernel.name);
    fields.required("source", kernel.source);
    fields.optional("parameters", kernel.parameters);
    return fields.finish();
}

void readSeconds(JsonFields &fields, const char *key, double &out)
{
    fields.optional(key, out);
    if (!(out >= 0) || !std::isfinite(out))
        fields.refuse(key, "must be a number of seconds, not negative");
}

Status read(const json &value, const std::string &path, Budgets &budgets)
{
    JsonFields fields(value, path);
    readSeconds(fields, "compile_s", budgets.compileSeconds);
    readSeconds(fields, "smoke_s", budgets.smokeSeconds);
    readSeconds(fields, "correctness_s", budgets.correctnessSeconds);
    readSeconds(fields, "timing_s", budgets.timingSeconds);
    return fields.finish();
}

void read(JsonFields &fields, EvaluateRequest &request)
{
    fields.required("id", request.id);
    fields.required("nonce", request.nonce);
    fields.field("task", true, [&](const json &value, const std::string &) -> Status {
        WW_TRY(request.task, taskFromJson(value));
        return {};
    });
    fields.field("candidate", true, [&](const json &value, const std::string &path) {
        return read(value, path, request.candidate);
    });
    fields.field("baseline", false, [&](const json &value, const std::string &path) {
        return read(value, path, request.baseline.emplace());
    });
    fields.optional("last_stage", request.lastStage);
    fields.optional("workloads", request.workloads);
    fields.optional("sets", request.sets);
    fields.optional("probes_above", request.probesAbove);
    fields.field("budgets", false, [&](const json &value, const std::string &path) {
        return read(value, path, request.budgets);
    });
    fields.optional("seed", request.seed);
    fields.optional("fresh_runner", request.freshRunner);
    fields.optional("profile", request.profile);
    fields.optional("code", request.code);
}

void read(JsonFields &fields, PrepareRequest &request)
{
    read(fields, request.evaluation);
}

void read(JsonFields &fields, AdmitRequest &request)
{
    fields.required("id", request.id);
    fields.required("nonce", request.nonce);
    fields.field("task", true, [&](const json &value, const std::string &) -> Status {
        WW_TRY(request.task, taskFromJson(value));
        return {};
    });
    fields.field("budgets", false, [&](const json &value, const std::string &path) {
        return read(value, path, request.budgets);
    });
    fields.optional("seed", request.seed);
    readSeconds(fields, "mutant_s", request.mutantSeconds);
}

void read(JsonFields &fields, AdmissionMessage &admission)
{
    fields.required("id", admission.id);
    fields.required("nonce", admission.nonce);
    fields.field("report", true, [&](const json &value, const std::string &) -> Status {
        WW_TRY(admission.report, admissionFromJson(value));
        return {};
    });
}

void read(JsonFields &fields, Capabilities &capabilities)
{
    fields.required("backend", capabilities.backend);
    fields.required("device", capabilities.device);
    fields.optional("device_kind", capabilities.deviceKind);
    fields.optional("spec", capabilities.spec);
    fields.optional("driver", capabilities.driver);
    fields.optional("platform", capabilities.platform);
    fields.optional("host", capabilities.host);
    fields.optional("toolchain", capabilities.toolchain);
    fields.required("sandbox", capabilities.sandbox);
    fields.optional("sandbox_note", capabilities.sandboxNote);
    fields.optional("counters", capabilities.counters);
    fields.optional("compute_units", capabilities.computeUnits);
    fields.optional("global_cache_bytes", capabilities.globalCacheBytes);
    fields.optional("local_memory_bytes", capabilities.localMemoryBytes);
    fields.optional("max_work_group", capabilities.maxWorkGroup);
    fields.optional("noise_floor", capabilities.noiseFloor);
    fields.optional("peaks", capabilities.peaks);
    fields.optional("compilers", capabilities.compilers);
}

void read(JsonFields &fields, StageMessage &stage)
{
    fields.required("id", stage.id);
    fields.required("stage", stage.stage.name);
    fields.required("status", stage.stage.status);
    fields.optional("ms", stage.stage.ms);
    fields.optional("detail", stage.stage.detail);
}

void read(JsonFields &fields, SamplesMessage &samples)
{
    fields.required("id", samples.id);
    fields.required("workload", samples.workload);
    std::vector<double> us;
    fields.required("us", us);
    for (const double value : us)
        samples.us.push_back(static_cast<float>(value));
    fields.optional("baseline", samples.baseline);
}

void read(JsonFields &fields, ResultMessage &result)
{
    fields.required("id", result.id);
    fields.required("nonce", result.nonce);
    fields.field("evaluation", true, [&](const json &value, const std::string &) -> Status {
        WW_TRY(result.evaluation, evaluationFromJson(value));
        return {};
    });
}

void read(JsonFields &fields, ErrorMessage &error)
{
    fields.optional("id", error.id);
    fields.required("code", error.code);
    fields.required("message", error.message);
}

void read(JsonFields &fields, CancelRequest &request)
{
    fields.required("id", request.id);
}

void read(JsonFields &, HelloRequest &) { }

void read(JsonFields &, ShutdownRequest &) { }

void read(JsonFields &, HeartbeatMessage &) { }

/// Reads the fields of one kind of message into the variant of a direction. In place: GCC 13 takes the empty
/// optional of a message that is moved for one that is read.
template <class Message, class Variant> Result<Variant> readAs(JsonFields &fields)
{
    Result<Variant> message(tl::in_place, std::in_place_type<Message>);
    read(fields, std::get<Message>(*message));
    if (Status status = fields.finish(); !status) {
        status.error().what = "cannot read the message of the worker protocol";
        message = tl::make_unexpected(std::move(status.error()));
    }
    return message;
}

/// The envelope: a whole JSON object with our version; gives its type.
Result<std::string> readEnvelope(JsonFields &fields)
{
    int version = 0;
    std::string type;
    fields.required("v", version);
    fields.required("type", type);
    if (version != kProtocolVersion)
        fields.refuse("v",
                      fmt::format("version {} of the worker protocol; this program speaks version {}, so "
                                  "use the same release on both sides",
                                  version, kProtocolVersion));
    WW_CHECK(fields.finish());
    return type;
}

Result<json> readLine(std::string_view line)
{
    const char *what = "cannot read the message of the worker protocol";
    if (!isUtf8(line))
        return failure(ErrorCode::BadInput, what,
                       "it holds ill-formed UTF-8: '" + clipped(toValidUtf8(line), 80) + "'");
    Result<json> document = parseJson(line);
    if (!document)
        document.error().what = what;
    return document;
}

template <class Message> std::string lineOf(const Message &message)
{
    return std::visit([](const auto &content) { return toJson(content); }, message).dump() + '\n';
}

} // namespace

std::string toLine(const ToWorker &message)
{
    return lineOf(message);
}

std::string toLine(const FromWorker &message)
{
    return lineOf(message);
}

Result<ToWorker> parseToWorker(std::string_view line)
{
    WW_TRY(const json document, readLine(line));
    JsonFields fields(document, {});
    WW_TRY(const std::string type, readEnvelope(fields));
    if (type == "hello")
        return readAs<HelloRequest, ToWorker>(fields);
    if (type == "evaluate")
        return readAs<EvaluateRequest, ToWorker>(fields);
    if (type == "prepare")
        return readAs<PrepareRequest, ToWorker>(fields);
    if (type == "admit")
        return readAs<AdmitRequest, ToWorker>(fields);
    if (type == "cancel")
        return readAs<CancelRequest, ToWorker>(fields);
    if (type == "shutdown")
        return readAs<ShutdownRequest, ToWorker>(fields);
    return UnknownRequest {type};
}

Result<FromWorker> parseFromWorker(std::string_view line)
{
    WW_TRY(const json document, readLine(line));
    JsonFields fields(document, {});
    WW_TRY(const std::string type, readEnvelope(fields));
    if (type == "capabilities")
        return readAs<Capabilities, FromWorker>(fields);
    if (type == "stage")
        return readAs<StageMessage, FromWorker>(fields);
    if (type == "samples")
        return readAs<SamplesMessage, FromWorker>(fields);
    if (type == "result")
        return readAs<ResultMessage, FromWorker>(fields);
    if (type == "admission")
        return readAs<AdmissionMessage, FromWorker>(fields);
    if (type == "error")
        return readAs<ErrorMessage, FromWorker>(fields);
    if (type == "heartbeat")
        return readAs<HeartbeatMessage, FromWorker>(fields);
    return failure(ErrorCode::Unsupported, "cannot read the message of the worker protocol",
                   fmt::format("unknown type {}", inQuotes(type)), "Skip it");
}

} // namespace ww
