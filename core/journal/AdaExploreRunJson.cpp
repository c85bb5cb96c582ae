// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/AdaExploreRunJson.h"

#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;

/// A hundred times the longest run there is.
constexpr size_t kMostSteps = 20'000;
/// No more come from that many steps; a document of more would fill the memory before its steps are counted.
constexpr size_t kMostValues = 2'000'000;
constexpr size_t kMostObjects = 2 * kMostSteps + 1;

/// Upper bounds of what a JSON text holds, from the separators and brackets outside its strings.
struct Extent {
    size_t values = 0;
    size_t objects = 0;
};

Extent extentOf(std::string_view text)
{
    Extent extent;
    bool inString = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString && c == '\\')
            ++i;
        else if (c == '"')
            inString = !inString;
        else if (!inString && (c == ',' || c == '[' || c == '{'))
            ++extent.values;
        if (!inString && c == '{')
            ++extent.objects;
    }
    return extent;
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
    const Extent extent = extentOf(text);
    if (extent.values > kMostValues || extent.objects > kMostObjects)
        return failure(ErrorCode::BadInput, "cannot read the JSON",
                       fmt::format("it holds {} objects and {} values; runs of at most {} steps are read",
                                   extent.objects, extent.values, kMostSteps));
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
