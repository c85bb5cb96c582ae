// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/ProfileRecordJson.h"

#include "core/task/JsonFields.h"

#include <cmath>

namespace ww {
namespace {

using nlohmann::json;

} // namespace

json profileRecordToJson(const ProfileRecord &profile)
{
    json metrics = json::object();
    for (const auto &[name, value] : profile.metrics) {
        // A metric without a value (nothing ran that it could count) is left out: JSON has no word for it.
        if (std::isfinite(value))
            metrics[jsonText(name).get<std::string>()] = value;
    }
    json reasons = json::array();
    for (const std::string &reason : profile.reasons)
        reasons.push_back(jsonText(reason));
    return {{"source", jsonText(profile.source)}, {"workload", jsonText(profile.workload)},
            {"metrics", std::move(metrics)},      {"bottleneck", jsonText(profile.bottleneck)},
            {"reasons", std::move(reasons)},      {"passes", profile.passes}};
}

Status profileRecordFromJson(const json &value, const std::string &path, ProfileRecord &profile)
{
    JsonFields fields(value, path);
    fields.required("source", profile.source);
    fields.optional("workload", profile.workload);
    fields.required("metrics", profile.metrics);
    fields.optional("bottleneck", profile.bottleneck);
    fields.optional("reasons", profile.reasons);
    fields.optional("passes", profile.passes);
    return fields.finish();
}

} // namespace ww
