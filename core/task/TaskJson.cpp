// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/TaskJson.h"

#include "core/base/Hash.h"
#include "core/task/JsonFields.h"
#include "core/task/Names.h"

#include <fmt/format.h>

namespace ww {
namespace {

using nlohmann::json;

json expressionsToJson(const std::vector<Expression> &expressions)
{
    json list = json::array();
    for (const Expression &expression : expressions)
        list.push_back(expression.text());
    return list;
}

json axisToJson(const Axis &axis)
{
    json value {{"name", jsonText(axis.name)},
                {"type", axis.value ? "const" : "var"},
                {"description", jsonText(axis.description)}};
    if (axis.value)
        value["value"] = *axis.value;
    return value;
}

json fillToJson(const Fill &fill)
{
    if (fill.kind == Fill::Kind::Normal)
        return {{"kind", "normal"}, {"mean", fill.mean}, {"stddev", fill.stddev}};
    if (fill.kind == Fill::Kind::Offsets)
        return {{"kind", "offsets"}, {"last", fill.bound.text()}};
    json value {{"kind", fill.kind == Fill::Kind::Uniform ? "uniform" : "integer"},
                {"low", fill.low},
                {"high", fill.high}};
    if (!fill.bound.empty())
        value["high"] = fill.bound.text();
    return value;
}

json tensorToJson(const TensorSpec &tensor, bool isInput)
{
    json value {{"name", jsonText(tensor.name)},
                {"dtype", toString(tensor.dtype)},
                {"shape", tensor.isScalar ? json() : expressionsToJson(tensor.shape)},
                {"description", jsonText(tensor.description)}};
    if (isInput && !tensor.isScalar)
        value["fill"] = fillToJson(tensor.fill);
    return value;
}

json workloadToJson(const Workload &workload)
{
    json value {{"name", jsonText(workload.name)},
                {"axes", json::object()},
                {"scalars", json::object()},
                {"timed", workload.timed}};
    for (const auto &[axis, size] : workload.axes)
        value["axes"][jsonText(axis).get<std::string>()] = size;
    if (!workload.device.empty())
        value["device"] = jsonText(workload.device);
    for (const auto &[scalar, number] : workload.scalars)
        value["scalars"][jsonText(scalar).get<std::string>()] = number;
    return value;
}

json toleranceToJson(const Tolerance &tolerance)
{
    json value {{"matched_ratio", tolerance.matchedRatio}};
    if (tolerance.rtol)
        value["rtol"] = *tolerance.rtol;
    if (tolerance.atol)
        value["atol"] = *tolerance.atol;
    return value;
}

json costToJson(const Cost &cost)
{
    json value = json::object();
    if (!cost.flops.empty())
        value["flops"] = cost.flops.text();
    if (!cost.bytes.empty())
        value["bytes"] = cost.bytes.text();
    return value;
}

json kernelToJson(const KernelSource &kernel)
{
    return {
        {"name", jsonText(kernel.name)}, {"path", jsonText(kernel.path)}, {"text", jsonText(kernel.text)}};
}

/// Everything that says what is computed, without the kernels.
json definitionToJson(const Task &task)
{
    json document {{"name", jsonText(task.name)},
                   {"description", jsonText(task.description)},
                   {"tags", json::array()},
                   {"axes", json::array()},
                   {"inputs", json::array()},
                   {"outputs", json::array()},
                   {"constraints", expressionsToJson(task.constraints)},
                   {"workloads", json::array()},
                   {"tolerance", toleranceToJson(task.tolerance)},
                   {"cost", costToJson(task.cost)},
                   {"policy",
                    {{"tf32_allowed", task.policy.tf32Allowed},
                     {"weights_may_be_packed", task.policy.weightsMayBePacked},
                     {"time_depends_on_data", task.policy.timeDependsOnData},
                     {"linear", task.policy.linear}}}};
    for (const std::string &tag : task.tags)
        document["tags"].push_back(jsonText(tag));
    for (const Axis &axis : task.axes)
        document["axes"].push_back(axisToJson(axis));
    for (const TensorSpec &tensor : task.inputs)
        document["inputs"].push_back(tensorToJson(tensor, true));
    for (const TensorSpec &tensor : task.outputs)
        document["outputs"].push_back(tensorToJson(tensor, false));
    for (const Workload &workload : task.workloads)
        document["workloads"].push_back(workloadToJson(workload));
    return document;
}

Status readExpression(const json &value, const std::string &path, Expression &out)
{
    if (value.is_number_integer()) {
        int64_t number = 0;
        if (const char *expected = readJson(value, number))
            return jsonFault(path, fmt::format("must be {}", expected));
        out = Expression::constant(number);
        return {};
    }
    if (!value.is_string())
        return jsonFault(path, "must be an expression: a string, or an integer");
    Result<Expression> parsed = Expression::parse(value.get_ref<const std::string &>());
    if (!parsed)
        return jsonFault(path, fmt::format("{}: {}", parsed.error().where, parsed.error().why));
    out = std::move(*parsed);
    return {};
}

/// Reads a list of expressions through readExpression().
JsonFields::ReadItem intoList(std::vector<Expression> &list)
{
    return [&list](const json &value, const std::string &path) {
        return readExpression(value, path, list.emplace_back());
    };
}

/// The place of a list item that has a name: "inputs.A" says more than "inputs[0]".
std::string namedPath(const json &value, const char *list, const std::string &path)
{
    if (!value.is_object())
        return path;
    const auto name = value.find("name");
    if (name == value.end() || !name->is_string() || !isIdentifier(name->get_ref<const std::string &>()))
        return path;
    return fmt::format("{}.{}", list, name->get_ref<const std::string &>());
}

Status readAxis(const json &value, const std::string &itemPath, Axis &axis)
{
    JsonFields fields(value, namedPath(value, "axes", itemPath));
    std::string type;
    fields.required("name", axis.name);
    fields.required("type", type);
    fields.optional("description", axis.description);
    if (type == "const")
        fields.required("value", axis.value);
    else if (type != "var")
        fields.refuse("type", fmt::format("must be 'var' or 'const', not {}", inQuotes(type)));
    return fields.finishStrictly();
}

/// The highest whole number: a number, or an expression over the axes such as "cols - 1".
Status readHigh(const json &value, const std::string &path, Fill &fill)
{
    if (value.is_string())
        return readExpression(value, path, fill.bound);
    if (const char *expected = readJson(value, fill.high))
        return jsonFault(path, fmt::format("must be {} or an expression over the axes", expected));
    return {};
}

Status readFill(const json &value, const std::string &path, Fill &fill)
{
    JsonFields fields(value, path);
    std::string kind;
    fields.required("kind", kind);
    if (kind == "normal") {
        fill.kind = Fill::Kind::Normal;
        fields.optional("mean", fill.mean);
        fields.optional("stddev", fill.stddev);
    } else if (kind == "uniform") {
        fill.kind = Fill::Kind::Uniform;
        fields.optional("low", fill.low);
        fields.optional("high", fill.high);
    } else if (kind == "integer") {
        fill.kind = Fill::Kind::Integer;
        fields.optional("low", fill.low);
        fields.field("high", false,
                     [&](const json &high, const std::string &at) { return readHigh(high, at, fill); });
    } else if (kind == "offsets") {
        fill.kind = Fill::Kind::Offsets;
        fill.low = 0;
        fields.field("last", true, [&](const json &last, const std::string &at) {
            return readExpression(last, at, fill.bound);
        });
    } else {
        fields.refuse(
            "kind",
            fmt::format("must be 'uniform', 'normal' or 'integer', not {}; 'offsets' is for row offsets",
                        inQuotes(kind)));
    }
    return fields.finishStrictly();
}

Status readDtype(const json &value, const std::string &path, DType &dtype)
{
    static const std::vector<std::string> kNames {"float64",  "float32", "float16",
                                                  "bfloat16", "int32",   "int8"};
    std::string name;
    if (readJson(value, name) || !dtypeFromName(name))
        return jsonFault(path,
                         fmt::format("unknown dtype {}{}; there are {}", inQuotes(name),
                                     didYouMean(name, kNames), fmt::join(kNames, ", ")));
    dtype = *dtypeFromName(name);
    return {};
}

Status readTensor(const json &value, const std::string &path, bool isInput, TensorSpec &tensor)
{
    JsonFields fields(value, path);
    fields.required("name", tensor.name);
    fields.field("dtype", true,
                 [&](const json &name, const std::string &at) { return readDtype(name, at, tensor.dtype); });
    fields.optional("description", tensor.description);
    tensor.isScalar = value.is_object() && value.contains("shape") && value["shape"].is_null();
    // A scalar's value is in the workloads; nothing is drawn for it, nor for an output.
    if (isInput && !tensor.isScalar) {
        if (!isFloat(tensor.dtype))
            tensor.fill = kIntegerFill;
        fields.field("fill", false, [&](const json &fill, const std::string &at) {
            return readFill(fill, at, tensor.fill);
        });
    }
    if (tensor.isScalar)
        fields.field("shape", true, [](const json &, const std::string &) { return Status(); });
    else
        fields.list("shape", true, intoList(tensor.shape));
    return fields.finishStrictly();
}

Status readWorkload(const json &value, const std::string &path, Workload &workload)
{
    JsonFields fields(value, path);
    fields.required("name", workload.name);
    fields.required("axes", workload.axes);
    fields.optional("scalars", workload.scalars);
    fields.optional("timed", workload.timed);
    fields.optional("device", workload.device);
    if (!workload.device.empty() && workload.device != "cpu" && workload.device != "gpu")
        fields.refuse(
            "device",
            fmt::format("must be 'cpu' or 'gpu', not {}: leave it out for a workload that suits both",
                        inQuotes(workload.device)));
    return fields.finishStrictly();
}

Status readTolerance(const json &value, const std::string &path, Tolerance &tolerance)
{
    JsonFields fields(value, path);
    fields.optional("rtol", tolerance.rtol);
    fields.optional("atol", tolerance.atol);
    fields.optional("matched_ratio", tolerance.matchedRatio);
    return fields.finishStrictly();
}

Status readCost(const json &value, const std::string &path, Cost &cost)
{
    JsonFields fields(value, path);
    const auto into = [](Expression &out) {
        return [&out](const json &text, const std::string &at) { return readExpression(text, at, out); };
    };
    fields.field("flops", false, into(cost.flops));
    fields.field("bytes", false, into(cost.bytes));
    return fields.finishStrictly();
}

Status readPolicy(const json &value, const std::string &path, TaskPolicy &policy)
{
    JsonFields fields(value, path);
    fields.optional("tf32_allowed", policy.tf32Allowed);
    fields.optional("weights_may_be_packed", policy.weightsMayBePacked);
    fields.optional("time_depends_on_data", policy.timeDependsOnData);
    fields.optional("linear", policy.linear);
    return fields.finishStrictly();
}

Status readKernel(const json &value, const std::string &path, KernelSource &kernel)
{
    JsonFields fields(value, path);
    fields.required("name", kernel.name);
    fields.optional("path", kernel.path);
    fields.required("text", kernel.text);
    return fields.finishStrictly();
}

void readDefinition(JsonFields &fields, Task &task)
{
    fields.required("name", task.name);
    fields.optional("description", task.description);
    fields.optional("tags", task.tags);
    fields.list("axes", true, [&](const json &value, const std::string &path) {
        return readAxis(value, path, task.axes.emplace_back());
    });
    fields.list("inputs", true, [&](const json &value, const std::string &path) {
        return readTensor(value, namedPath(value, "inputs", path), true, task.inputs.emplace_back());
    });
    fields.list("outputs", true, [&](const json &value, const std::string &path) {
        return readTensor(value, namedPath(value, "outputs", path), false, task.outputs.emplace_back());
    });
    fields.list("constraints", false, intoList(task.constraints));
    fields.list("workloads", true, [&](const json &value, const std::string &path) {
        return readWorkload(value, path, task.workloads.emplace_back());
    });
    fields.field("tolerance", false, [&](const json &value, const std::string &path) {
        return readTolerance(value, path, task.tolerance);
    });
    fields.field("cost", false, [&](const json &value, const std::string &path) {
        return readCost(value, path, task.cost);
    });
    fields.field("policy", false, [&](const json &value, const std::string &path) {
        return readPolicy(value, path, task.policy);
    });
}

/// Const axes need not be repeated in every workload of the file.
void bindConstAxes(Task &task)
{
    for (Workload &workload : task.workloads) {
        for (const Axis &axis : task.axes) {
            if (axis.value)
                workload.axes.emplace(axis.name, *axis.value);
        }
    }
}

/// {"A": {…}, "B": {…}} as [{"name": "A", …}, …], which keeps the order of the file.
Result<json> namedList(const char *key, const nlohmann::ordered_json &object)
{
    if (!object.is_object())
        return jsonFault(key, "must be an object of names");
    json list = json::array();
    for (const auto &[name, item] : object.items()) {
        const std::string path = fmt::format("{}.{}", key, name.substr(0, 64));
        if (!isIdentifier(name))
            return jsonFault(key,
                             fmt::format("{} is not a name: letters, digits and '_' only, at most 64, "
                                         "no digit first",
                                         inQuotes(name)));
        if (!item.is_object())
            return jsonFault(path, "must be an object");
        if (item.contains("name"))
            return jsonFault(path, "unknown key 'name': the name is the key before the ':'");
        json entry = item;
        entry["name"] = name;
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace

json taskToJson(const Task &task)
{
    json document = definitionToJson(task);
    document["reference"] = kernelToJson(task.reference);
    document["baseline"] = kernelToJson(task.baseline);
    if (task.library)
        document["library"] = kernelToJson(*task.library);
    document["variants"] = json::array();
    for (const KernelSource &variant : task.variants)
        document["variants"].push_back(kernelToJson(variant));
    document["lesson"] = jsonText(task.lesson);
    document["language"] = jsonText(task.language);
    return document;
}

Result<Task> taskFromJson(const json &document)
{
    WW_CHECK(checkNesting(document));
    Task task;
    JsonFields fields(document, {});
    readDefinition(fields, task);
    fields.field("reference", true, [&](const json &value, const std::string &path) {
        return readKernel(value, path, task.reference);
    });
    fields.field("baseline", true, [&](const json &value, const std::string &path) {
        return readKernel(value, path, task.baseline);
    });
    fields.field("library", false, [&](const json &value, const std::string &path) {
        return readKernel(value, path, task.library.emplace());
    });
    fields.list("variants", false, [&](const json &value, const std::string &path) {
        return readKernel(value, path, task.variants.emplace_back());
    });
    fields.optional("lesson", task.lesson);
    fields.required("language", task.language);
    if (Status status = fields.finishStrictly(); !status) {
        status.error().what = "cannot read the task";
        return tl::make_unexpected(status.error());
    }
    bindConstAxes(task);
    task.hash = taskHash(task);
    return task;
}

Result<Task> taskFromFileJson(const nlohmann::ordered_json &document)
{
    json content = document;
    for (const char *key : {"axes", "inputs", "outputs"}) {
        if (!document.is_object() || !document.contains(key))
            continue;
        WW_TRY(content[key], namedList(key, document[key]));
    }
    Task task;
    JsonFields fields(content, {});
    readDefinition(fields, task);
    WW_CHECK(fields.finishStrictly());
    bindConstAxes(task);
    return task;
}

std::string taskHash(const Task &task)
{
    json document = definitionToJson(task);
    document["reference"] = jsonText(task.reference.text);
    document["baseline"] = jsonText(task.baseline.text);
    document["language"] = jsonText(task.language);
    return sha256Hex(document.dump());
}

} // namespace ww
