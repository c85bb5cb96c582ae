// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/EvaluationJson.h"

#include "core/judge/CodeRecordJson.h"
#include "core/judge/ProfileRecordJson.h"
#include "core/task/JsonFields.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace ww {
namespace {

using nlohmann::json;

/// A double that may be NaN or infinite, which JSON numbers cannot say: "nan", "inf", "-inf".
struct Real {
    double &value;
};

const char *readJson(const json &value, Real &&out)
{
    if (value.is_number()) {
        out.value = value.get<double>();
        return nullptr;
    }
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (value == "nan")
        out.value = std::numeric_limits<double>::quiet_NaN();
    else if (value == "inf")
        out.value = kInfinity;
    else if (value == "-inf")
        out.value = -kInfinity;
    else
        return "a number, \"nan\", \"inf\" or \"-inf\"";
    return nullptr;
}

/// A timing sample, kept in single precision.
struct Sample {
    float us = 0;
};

const char *readJson(const json &value, Sample &out)
{
    double wide = 0;
    const char *expected = readJson(value, Real {wide});
    out.us = static_cast<float>(wide);
    return expected;
}

json real(double value)
{
    if (std::isfinite(value))
        return value;
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/// The shortest decimal that reads back as this float: "12.3", not the double's "12.300000190734863".
json sample(float value)
{
    if (!std::isfinite(value))
        return real(static_cast<double>(value));
    const double shortest = std::stod(fmt::format("{}", value));
    return static_cast<float>(shortest) == value ? shortest : static_cast<double>(value);
}

json interval(double low, double high)
{
    return json::array({real(low), real(high)});
}

void readReal(JsonFields &fields, const char *key, bool must, double &out)
{
    fields.field(key, must, [&out](const json &value, const std::string &path) -> Status {
        const char *expected = readJson(value, Real {out});
        return expected ? jsonFault(path, fmt::format("must be {}", expected)) : Status();
    });
}

void readInterval(JsonFields &fields, const char *key, double &low, double &high)
{
    fields.field(key, true, [&](const json &value, const std::string &path) -> Status {
        if (value.is_array() && value.size() == 2 && !readJson(value[0], Real {low})
            && !readJson(value[1], Real {high}))
            return {};
        return jsonFault(path, "must be [low, high]");
    });
}

const char *toString(Diagnostic::Severity severity)
{
    switch (severity) {
    case Diagnostic::Severity::Note: return "note";
    case Diagnostic::Severity::Warning: return "warning";
    case Diagnostic::Severity::Error: return "error";
    }
    return "error";
}

json toJson(const StageRecord &stage)
{
    return {{"name", jsonText(stage.name)},
            {"status", jsonText(stage.status)},
            {"ms", real(stage.ms)},
            {"detail", jsonText(stage.detail)}};
}

Status fromJson(const json &value, const std::string &path, StageRecord &stage)
{
    JsonFields fields(value, path);
    fields.required("name", stage.name);
    fields.required("status", stage.status);
    readReal(fields, "ms", true, stage.ms);
    fields.optional("detail", stage.detail);
    return fields.finish();
}

json toJson(const Diagnostic &diagnostic)
{
    return {{"severity", toString(diagnostic.severity)},
            {"line", diagnostic.line},
            {"column", diagnostic.column},
            {"message", jsonText(diagnostic.message)}};
}

Status fromJson(const json &value, const std::string &path, Diagnostic &diagnostic)
{
    JsonFields fields(value, path);
    std::string severity;
    fields.required("severity", severity);
    fields.required("line", diagnostic.line);
    fields.required("column", diagnostic.column);
    fields.required("message", diagnostic.message);
    if (severity == "note")
        diagnostic.severity = Diagnostic::Severity::Note;
    else if (severity == "warning")
        diagnostic.severity = Diagnostic::Severity::Warning;
    else if (severity != "error")
        fields.refuse("severity", fmt::format("must be note, warning or error, not {}", inQuotes(severity)));
    return fields.finish();
}

json toJson(const CorrectnessRecord &record)
{
    return {{"workload", jsonText(record.workload)},
            {"set", jsonText(record.set)},
            {"output", jsonText(record.output)},
            {"max_abs", real(record.maxAbs)},
            {"max_rel", real(record.maxRel)},
            {"matched", real(record.matched)},
            {"worst_index", record.worstIndex},
            {"expected", real(record.expected)},
            {"actual", real(record.actual)},
            {"seed_tag", record.seedTag},
            {"ok", record.ok},
            {"shape", jsonText(record.shape)},
            {"place", jsonText(record.place)},
            {"hidden", record.hidden}};
}

Status fromJson(const json &value, const std::string &path, CorrectnessRecord &record)
{
    JsonFields fields(value, path);
    fields.required("workload", record.workload);
    fields.required("set", record.set);
    fields.optional("output", record.output);
    readReal(fields, "max_abs", true, record.maxAbs);
    readReal(fields, "max_rel", true, record.maxRel);
    readReal(fields, "matched", true, record.matched);
    fields.required("worst_index", record.worstIndex);
    readReal(fields, "expected", false, record.expected);
    readReal(fields, "actual", false, record.actual);
    fields.optional("seed_tag", record.seedTag);
    fields.optional("ok", record.ok);
    fields.optional("shape", record.shape);
    fields.optional("place", record.place);
    fields.optional("hidden", record.hidden);
    return fields.finish();
}

json readingsToJson(const std::vector<std::map<std::string, double>> &batches)
{
    json list = json::array();
    for (const auto &batch : batches) {
        json &object = list.emplace_back(json::object());
        for (const auto &[name, value] : batch)
            object[jsonText(name).get<std::string>()] = real(value);
    }
    return list;
}

Status readingsFromJson(const json &value, const std::string &path, std::map<std::string, double> &batch)
{
    if (!value.is_object())
        return jsonFault(path, "must be an object");
    for (const auto &[name, reading] : value.items()) {
        if (const char *expected = readJson(reading, Real {batch[name]}))
            return jsonFault(path + "." + name, fmt::format("must be {}", expected));
    }
    return {};
}

json toJson(const TimingRecord &record)
{
    json samples = json::array();
    for (const float us : record.samplesUs)
        samples.push_back(sample(us));
    return {{"workload", jsonText(record.workload)},
            {"mode", jsonText(record.mode)},
            {"n", record.n},
            {"discarded", record.discarded},
            {"median_us", real(record.medianUs)},
            {"ci95_us", interval(record.ci95LowUs, record.ci95HighUs)},
            {"p10_us", real(record.p10Us)},
            {"p90_us", real(record.p90Us)},
            {"min_us", real(record.minUs)},
            {"unstable", record.unstable},
            {"samples_us", std::move(samples)},
            {"clock_mhz", real(record.clockMhz)},
            {"sol_us", real(record.solUs)},
            {"sol_score", real(record.solScore)},
            {"readings", readingsToJson(record.readings)},
            {"traced_us", real(record.tracedUs)}};
}

Status fromJson(const json &value, const std::string &path, TimingRecord &record)
{
    JsonFields fields(value, path);
    fields.required("workload", record.workload);
    fields.required("mode", record.mode);
    fields.required("n", record.n);
    fields.required("discarded", record.discarded);
    readReal(fields, "median_us", true, record.medianUs);
    readInterval(fields, "ci95_us", record.ci95LowUs, record.ci95HighUs);
    readReal(fields, "p10_us", true, record.p10Us);
    readReal(fields, "p90_us", true, record.p90Us);
    readReal(fields, "min_us", true, record.minUs);
    fields.optional("unstable", record.unstable);
    std::vector<Sample> samples;
    fields.optional("samples_us", samples);
    for (const Sample &entry : samples)
        record.samplesUs.push_back(entry.us);
    readReal(fields, "clock_mhz", false, record.clockMhz);
    readReal(fields, "sol_us", false, record.solUs);
    readReal(fields, "sol_score", false, record.solScore);
    fields.list("readings", false, [&](const json &item, const std::string &at) {
        return readingsFromJson(item, at, record.readings.emplace_back());
    });
    readReal(fields, "traced_us", false, record.tracedUs);
    return fields.finish();
}

json toJson(const SpeedupRecord &record)
{
    json workloads = json::array();
    for (const SpeedupRecord::PerWorkload &entry : record.workloads)
        workloads.push_back({{"workload", jsonText(entry.workload)},
                             {"ratio", real(entry.ratio)},
                             {"ci95", interval(entry.ci95Low, entry.ci95High)},
                             {"baseline_median_us", real(entry.baselineMedianUs)},
                             {"candidate_median_us", real(entry.candidateMedianUs)}});
    return {{"baseline", jsonText(record.baseline)},
            {"ratio", real(record.ratio)},
            {"ci95", interval(record.ci95Low, record.ci95High)},
            {"verdict", jsonText(record.verdict)},
            {"reason", jsonText(record.reason)},
            {"workloads", std::move(workloads)}};
}

Status fromJson(const json &value, const std::string &path, SpeedupRecord &record)
{
    JsonFields fields(value, path);
    fields.required("baseline", record.baseline);
    readReal(fields, "ratio", true, record.ratio);
    readInterval(fields, "ci95", record.ci95Low, record.ci95High);
    fields.optional("verdict", record.verdict);
    fields.optional("reason", record.reason);
    fields.list("workloads", false, [&](const json &item, const std::string &at) {
        SpeedupRecord::PerWorkload &entry = record.workloads.emplace_back();
        JsonFields inner(item, at);
        inner.required("workload", entry.workload);
        readReal(inner, "ratio", true, entry.ratio);
        readInterval(inner, "ci95", entry.ci95Low, entry.ci95High);
        readReal(inner, "baseline_median_us", false, entry.baselineMedianUs);
        readReal(inner, "candidate_median_us", false, entry.candidateMedianUs);
        return inner.finish();
    });
    return fields.finish();
}

json toJson(const LibraryRecord &record)
{
    json workloads = json::array();
    for (const LibraryRecord::PerWorkload &entry : record.workloads)
        workloads.push_back({{"workload", jsonText(entry.workload)},
                             {"median_us", real(entry.medianUs)},
                             {"ci95_us", interval(entry.ci95LowUs, entry.ci95HighUs)},
                             {"ratio", real(entry.ratio)}});
    return {{"name", jsonText(record.name)},
            {"ratio", real(record.ratio)},
            {"workloads", std::move(workloads)},
            {"problem", jsonText(record.problem)}};
}

Status fromJson(const json &value, const std::string &path, LibraryRecord &record)
{
    JsonFields fields(value, path);
    fields.required("name", record.name);
    readReal(fields, "ratio", true, record.ratio);
    fields.list("workloads", false, [&](const json &item, const std::string &at) {
        LibraryRecord::PerWorkload &entry = record.workloads.emplace_back();
        JsonFields inner(item, at);
        inner.required("workload", entry.workload);
        readReal(inner, "median_us", true, entry.medianUs);
        readInterval(inner, "ci95_us", entry.ci95LowUs, entry.ci95HighUs);
        readReal(inner, "ratio", true, entry.ratio);
        return inner.finish();
    });
    fields.optional("problem", record.problem);
    return fields.finish();
}

json toJson(const BoundRecord &record)
{
    return {{"flops", real(record.flops)},
            {"bytes", real(record.bytes)},
            {"sol_us", real(record.solUs)},
            {"sol_score", real(record.solScore)}};
}

Status fromJson(const json &value, const std::string &path, BoundRecord &record)
{
    JsonFields fields(value, path);
    readReal(fields, "flops", true, record.flops);
    readReal(fields, "bytes", true, record.bytes);
    readReal(fields, "sol_us", true, record.solUs);
    readReal(fields, "sol_score", true, record.solScore);
    return fields.finish();
}

json toJson(const TrustRecord &record)
{
    return {{"probe", jsonText(record.probe)},
            {"verdict", jsonText(record.verdict)},
            {"value", jsonText(record.value)}};
}

Status fromJson(const json &value, const std::string &path, TrustRecord &record)
{
    JsonFields fields(value, path);
    fields.required("probe", record.probe);
    fields.required("verdict", record.verdict);
    fields.optional("value", record.value);
    return fields.finish();
}

json toJson(const ForPeople &record)
{
    return {{"detail", jsonText(record.detail)}, {"reproduce", jsonText(record.reproduce)}};
}

Status fromJson(const json &value, const std::string &path, ForPeople &record)
{
    JsonFields fields(value, path);
    fields.optional("detail", record.detail);
    fields.optional("reproduce", record.reproduce);
    return fields.finish();
}

json toJson(const ForeignRecord &record)
{
    return {{"profile", jsonText(record.profile)},
            {"verdict", jsonText(record.verdict)},
            {"reason", jsonText(record.reason)},
            {"speedup", real(record.speedup)}};
}

Status fromJson(const json &value, const std::string &path, ForeignRecord &record)
{
    JsonFields fields(value, path);
    fields.required("profile", record.profile);
    fields.required("verdict", record.verdict);
    fields.optional("reason", record.reason);
    readReal(fields, "speedup", false, record.speedup);
    return fields.finish();
}

json toJson(const std::map<std::string, std::string> &entries)
{
    json object = json::object();
    for (const auto &[key, value] : entries)
        object[jsonText(key).get<std::string>()] = jsonText(value);
    return object;
}

template <class Record> json listToJson(const std::vector<Record> &records)
{
    json list = json::array();
    for (const Record &record : records)
        list.push_back(toJson(record));
    return list;
}

template <class Record> void readList(JsonFields &fields, const char *key, std::vector<Record> &records)
{
    fields.list(key, false, [&](const json &value, const std::string &path) {
        return fromJson(value, path, records.emplace_back());
    });
}

template <class Record> void readRecord(JsonFields &fields, const char *key, std::optional<Record> &record)
{
    fields.field(key, false, [&](const json &value, const std::string &path) {
        return fromJson(value, path, record.emplace());
    });
}

} // namespace

json evaluationToJson(const Evaluation &evaluation)
{
    json record {
        {"verdict", ww::toString(evaluation.verdict)}, {"message", jsonText(evaluation.message)},
        {"stages", listToJson(evaluation.stages)},     {"diagnostics", listToJson(evaluation.diagnostics)},
        {"build_log", jsonText(evaluation.buildLog)},  {"correctness", listToJson(evaluation.correctness)},
        {"timing", listToJson(evaluation.timing)},     {"resources", toJson(evaluation.resources)},
        {"trust", listToJson(evaluation.trust)},       {"environment", toJson(evaluation.environment)},
        {"hashes", toJson(evaluation.hashes)},         {"wall_ms", real(evaluation.wallMs)}};
    if (!evaluation.forPeople.detail.empty() || !evaluation.forPeople.reproduce.empty())
        record["for_people"] = toJson(evaluation.forPeople);
    if (!evaluation.costsMs.empty())
        record["costs_ms"] = evaluation.costsMs;
    if (!evaluation.foreign.empty())
        record["foreign"] = listToJson(evaluation.foreign);
    if (evaluation.speedup)
        record["speedup"] = toJson(*evaluation.speedup);
    if (evaluation.bound)
        record["bound"] = toJson(*evaluation.bound);
    if (evaluation.library)
        record["library"] = toJson(*evaluation.library);
    if (evaluation.profile)
        record["profile"] = profileRecordToJson(*evaluation.profile);
    if (evaluation.code)
        record["code"] = codeRecordToJson(*evaluation.code);
    return record;
}

Result<Evaluation> evaluationFromJson(const json &record)
{
    Evaluation evaluation;
    JsonFields fields(record, {});
    std::string verdict;
    fields.required("verdict", verdict);
    if (const auto known = verdictFromName(verdict))
        evaluation.verdict = *known;
    else
        fields.refuse("verdict", fmt::format("unknown verdict {}", inQuotes(verdict)));
    fields.optional("message", evaluation.message);
    fields.field("for_people", false, [&](const json &value, const std::string &path) {
        return fromJson(value, path, evaluation.forPeople);
    });
    readList(fields, "stages", evaluation.stages);
    readList(fields, "diagnostics", evaluation.diagnostics);
    fields.optional("build_log", evaluation.buildLog);
    readList(fields, "correctness", evaluation.correctness);
    readList(fields, "timing", evaluation.timing);
    readRecord(fields, "speedup", evaluation.speedup);
    readRecord(fields, "bound", evaluation.bound);
    fields.optional("resources", evaluation.resources);
    readList(fields, "trust", evaluation.trust);
    readList(fields, "foreign", evaluation.foreign);
    fields.optional("environment", evaluation.environment);
    fields.optional("hashes", evaluation.hashes);
    readReal(fields, "wall_ms", false, evaluation.wallMs);
    readRecord(fields, "library", evaluation.library);
    fields.field("profile", false, [&](const json &value, const std::string &path) {
        return profileRecordFromJson(value, path, evaluation.profile.emplace());
    });
    fields.field("code", false, [&](const json &value, const std::string &path) {
        return codeRecordFromJson(value, path, evaluation.code.emplace());
    });
    fields.optional("costs_ms", evaluation.costsMs);
    if (Status status = fields.finish(); !status) {
        status.error().what = "cannot read the evidence record";
        return tl::make_unexpected(status.error());
    }
    return evaluation;
}

} // namespace ww
