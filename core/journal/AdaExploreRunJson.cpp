// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/AdaExploreRunJson.h"

#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostSteps = 100'000;

/// More values than this never come from 100 000 steps; their tree would fill the memory.
constexpr size_t kMostValues = 8'000'000;

/// Upper bound of the number of values in a JSON text: separators and brackets outside strings.
size_t valuesIn(std::string_view text)
{
    size_t count = 0;
    bool inString = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString && c == '\\')
            ++i;
        else if (c == '"')
            inString = !inString;
        else if (!inString && (c == ',' || c == '[' || c == '{'))
            ++count;
    }
    return count;
}

Status readScore(const Json &document, const std::string &path, AdaExploreStep &step)
{
    JsonFields fields(document, path);
    fields.required("compiled", step.compiled);
    fields.required("correct", step.correct);
    fields.required("fast_p", step.speedup);
    return fields.finish();
}

Status readStep(const Json &document, const std::string &path, AdaExploreStep &step)
{
    JsonFields fields(document, path);
    fields.required("step", step.step);
    fields.required("node_id", step.node);
    fields.optional("parent_node_id", step.parent);
    fields.optional("context_node_ids", step.context);
    fields.required("created_by", step.createdBy);
    fields.field("score", true,
                 [&](const Json &value, const std::string &at) { return readScore(value, at, step); });
    fields.required("max_reward", step.reward);
    fields.optional("runtime_us", step.runtimeMs);
    fields.optional("baseline_time_us", step.baselineMs);
    fields.optional("hardware", step.hardware);
    fields.optional("error", step.error);
    fields.required("code", step.code);
    return fields.finish();
}

} // namespace

Result<AdaExploreRun> adaExploreRunFromJson(std::string_view text)
{
    if (valuesIn(text) > kMostValues)
        return failure(ErrorCode::BadInput, "cannot read the JSON",
                       fmt::format("it holds more than {} values", kMostValues));
    WW_TRY(const Json document, parseJson(text));
    AdaExploreRun run;
    JsonFields fields(document, "");
    fields.optional("label", run.label);
    fields.optional("run_dir", run.directory);
    fields.optional("reference_src", run.reference);
    fields.field("steps", true, [&](const Json &value, const std::string &path) -> Status {
        if (value.is_array() && value.size() > kMostSteps)
            return jsonFault(path,
                             fmt::format("has {} entries; at most {} are read", value.size(), kMostSteps));
        return {};
    });
    fields.list("steps", true, [&](const Json &value, const std::string &path) {
        return readStep(value, path, run.steps.emplace_back());
    });
    WW_CHECK(fields.finish());
    return run;
}

} // namespace ww
