// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ResolvedPlanJson.h"

#include "core/device/MessageFields.h"

#include <algorithm>
#include <array>

namespace ww {
namespace {

using nlohmann::json;

json sizesToJson(const std::array<uint64_t, 3> &sizes)
{
    return json(sizes);
}

void sizes(JsonFields &fields, const char *key, std::array<uint64_t, 3> &out)
{
    std::vector<uint64_t> list;
    fields.required(key, list);
    if (list.size() != out.size())
        return fields.refuse(key, "must have three numbers");
    std::copy(list.begin(), list.end(), out.begin());
}

constexpr std::array kArgumentKinds {"buffer", "scalar", "integer", "tensor_map"};

} // namespace

json resolvedPlanToJson(const ResolvedPlan &plan)
{
    json launches = json::array();
    for (const ResolvedLaunch &launch : plan.launches) {
        json args = json::array();
        for (const ResolvedLaunch::Arg &arg : launch.args) {
            args.push_back({{"kind", kArgumentKinds[static_cast<size_t>(arg.kind)]},
                            {"name", arg.name},
                            {"integer", arg.integer}});
        }
        launches.push_back({{"kernel", launch.kernel},
                            {"grid", sizesToJson(launch.grid)},
                            {"block", sizesToJson(launch.block)},
                            {"shared", launch.sharedBytes},
                            {"cluster", sizesToJson(launch.cluster)},
                            {"cooperative", launch.cooperative},
                            {"call", launch.isCall},
                            {"args", std::move(args)},
                            {"line", launch.line}});
    }
    json maps = json::array();
    for (const ResolvedTensorMap &map : plan.tensorMaps)
        maps.push_back({{"name", map.name},
                        {"buffer", map.buffer},
                        {"dtype", toString(map.dtype)},
                        {"shape", map.shape},
                        {"box", map.box},
                        {"swizzle", map.swizzleBytes},
                        {"line", map.line}});
    return {{"launches", std::move(launches)}, {"tensor_maps", std::move(maps)}};
}

Status resolvedPlanFromJson(const json &document, const std::string &path, ResolvedPlan &plan)
{
    JsonFields fields(document, path);
    objects(fields, "launches", plan.launches, [](JsonFields &item, ResolvedLaunch &launch) {
        item.required("kernel", launch.kernel);
        sizes(item, "grid", launch.grid);
        sizes(item, "block", launch.block);
        item.required("shared", launch.sharedBytes);
        sizes(item, "cluster", launch.cluster);
        item.required("cooperative", launch.cooperative);
        item.required("call", launch.isCall);
        item.required("line", launch.line);
        objects(item, "args", launch.args, [](JsonFields &field, ResolvedLaunch::Arg &arg) {
            choice(field, "kind", {"buffer", "scalar", "integer", "tensor_map"}, arg.kind);
            field.required("name", arg.name);
            field.required("integer", arg.integer);
        });
    });
    objects(fields, "tensor_maps", plan.tensorMaps, [](JsonFields &item, ResolvedTensorMap &map) {
        std::string type;
        item.required("name", map.name);
        item.required("buffer", map.buffer);
        item.required("dtype", type);
        item.required("shape", map.shape);
        item.required("box", map.box);
        item.required("swizzle", map.swizzleBytes);
        item.required("line", map.line);
        const auto known = dtypeFromName(type);
        if (!known || map.shape.empty() || map.shape.size() > 5 || map.box.size() != map.shape.size())
            return item.refuse("shape", "is no shape of a tensor map");
        map.dtype = *known;
    });
    return fields.finish();
}

} // namespace ww
