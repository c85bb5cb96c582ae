// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildMessagesJson.h"

#include "core/base/Base64.h"
#include "core/device/MessageFields.h"
#include "core/device/ResolvedPlanJson.h"
#include "core/judge/CodeRecordJson.h"
#include "core/task/JsonFields.h"
#include "core/worker/MessagesJson.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace ww {
namespace {

using nlohmann::json;

json seatToJson(Seat seat)
{
    return seat == Seat::Candidate ? "candidate" : "baseline";
}

void seat(JsonFields &fields, Seat &out)
{
    choice(fields, "seat", {"candidate", "baseline"}, out);
}

/// Reads a whole number that must fit T.
template <class T> void number(JsonFields &fields, const char *key, T &out)
{
    uint64_t wide = 0;
    fields.required(key, wide);
    if (wide > std::numeric_limits<T>::max())
        return fields.refuse(key, "is too large");
    out = static_cast<T>(wide);
}

/// Which slot of the returned memory.
void slot(JsonFields &fields, uint32_t &out)
{
    number(fields, "slot", out);
    if (out >= kReturnSlots)
        fields.refuse("slot", "is no slot");
}

/// Reads bytes that were written as base64.
void bytes(JsonFields &fields, const char *key, std::string &out)
{
    std::string text;
    fields.required(key, text);
    if (auto decoded = fromBase64(text))
        out = std::move(*decoded);
    else
        fields.refuse(key, "is no base64");
}

json toJson(const BuildRequest &request)
{
    json kernels = json::array();
    for (const KernelUse &kernel : request.kernels)
        kernels.push_back({{"name", kernel.name},
                           {"line", kernel.line},
                           {"arguments", kernel.arguments},
                           {"group_size", kernel.groupSize},
                           {"shared", kernel.sharedBytes}});
    return {{"type", "build"},
            {"seat", seatToJson(request.seat)},
            {"source", request.source},
            {"defines", request.defines},
            {"kernels", std::move(kernels)},
            {"fresh_module", request.freshModule},
            {"binary", toBase64(request.binary)},
            {"code", request.code}};
}

json toJson(const BindRequest &request)
{
    json buffers = json::array();
    for (const BufferSpec &buffer : request.buffers) {
        const char *role = buffer.role == BufferSpec::Role::Input ? "input"
            : buffer.role == BufferSpec::Role::Output             ? "output"
                                                                  : "scratch";
        buffers.push_back({{"name", buffer.name},
                           {"role", role},
                           {"seat", seatToJson(buffer.seat)},
                           {"bytes", buffer.bytes},
                           {"zeroed", buffer.zeroed},
                           {"set", buffer.set},
                           {"shift", buffer.shift},
                           {"digest", buffer.digest},
                           {"digest_key", buffer.digestKey}});
    }
    json scalars = json::array();
    for (const ScalarSpec &scalar : request.scalars)
        scalars.push_back(
            {{"name", scalar.name}, {"dtype", toString(scalar.dtype)}, {"value", scalar.value}});
    json message {{"type", "bind"},
                  {"buffers", std::move(buffers)},
                  {"scalars", std::move(scalars)},
                  {"red_zone_key", request.redZoneKey},
                  {"new_returned", request.newReturned}};
    if (request.candidate)
        message["candidate"] = resolvedPlanToJson(*request.candidate);
    if (request.baseline)
        message["baseline"] = resolvedPlanToJson(*request.baseline);
    return message;
}

json toJson(const LaunchRequest &request)
{
    return {{"type", "launch"},
            {"seat", seatToJson(request.run.seat)},
            {"set", request.run.set},
            {"poison", request.poison},
            {"slot", request.slot}};
}

json toJson(const TimeRequest &request)
{
    json order = json::array();
    for (const PlanRun &run : request.order)
        order.push_back({run.seat == Seat::Candidate ? 0 : 1, run.set});
    json message {{"type", "time"},
                  {"order", std::move(order)},
                  {"flush_bytes", request.flushBytes},
                  {"poison", request.poison}};
    if (request.slot)
        message["slot"] = *request.slot;
    return message;
}

json toJson(const ReadRequest &request)
{
    return {{"type", "read"}, {"slot", request.slot}};
}

const std::initializer_list<const char *> kObservers {"graph", "trace", "counters"};

json toJson(const ObserveRequest &request)
{
    return {{"type", "observe"},
            {"by", *(kObservers.begin() + static_cast<int>(request.by))},
            {"seat", seatToJson(request.run.seat)},
            {"set", request.run.set},
            {"count", request.count},
            {"flush_bytes", request.flushBytes},
            {"poison", request.poison}};
}

json toJson(const GoldenRequest &)
{
    return {{"type", "golden"}};
}

json toJson(const PeaksRequest &)
{
    return {{"type", "peaks"}};
}

Result<ToChild> readBuild(JsonFields &fields)
{
    BuildRequest request;
    seat(fields, request.seat);
    fields.required("source", request.source);
    fields.required("defines", request.defines);
    objects(fields, "kernels", request.kernels, [](JsonFields &item, KernelUse &kernel) {
        item.required("name", kernel.name);
        item.required("line", kernel.line);
        item.required("arguments", kernel.arguments);
        item.required("group_size", kernel.groupSize);
        item.required("shared", kernel.sharedBytes);
    });
    fields.required("fresh_module", request.freshModule);
    bytes(fields, "binary", request.binary);
    fields.required("code", request.code);
    WW_CHECK(fields.finish());
    return request;
}

Result<ToChild> readBind(JsonFields &fields)
{
    BindRequest request;
    objects(fields, "buffers", request.buffers, [](JsonFields &item, BufferSpec &buffer) {
        item.required("name", buffer.name);
        choice(item, "role", {"input", "output", "scratch"}, buffer.role);
        seat(item, buffer.seat);
        item.required("bytes", buffer.bytes);
        item.required("zeroed", buffer.zeroed);
        number(item, "set", buffer.set);
        item.required("shift", buffer.shift);
        item.required("digest", buffer.digest);
        item.required("digest_key", buffer.digestKey);
    });
    objects(fields, "scalars", request.scalars, [](JsonFields &item, ScalarSpec &scalar) {
        std::string dtype;
        item.required("name", scalar.name);
        item.required("dtype", dtype);
        item.required("value", scalar.value);
        if (const auto known = dtypeFromName(dtype))
            scalar.dtype = *known;
        else
            item.refuse("dtype", "not a known type");
    });
    fields.required("red_zone_key", request.redZoneKey);
    fields.required("new_returned", request.newReturned);
    fields.field("candidate", false, [&](const json &value, const std::string &path) {
        return resolvedPlanFromJson(value, path, request.candidate.emplace());
    });
    fields.field("baseline", false, [&](const json &value, const std::string &path) {
        return resolvedPlanFromJson(value, path, request.baseline.emplace());
    });
    WW_CHECK(fields.finish());
    return request;
}

Result<ToChild> readLaunch(JsonFields &fields)
{
    LaunchRequest request;
    seat(fields, request.run.seat);
    number(fields, "set", request.run.set);
    number(fields, "poison", request.poison);
    slot(fields, request.slot);
    WW_CHECK(fields.finish());
    return request;
}

Result<ToChild> readAgain(JsonFields &fields)
{
    ReadRequest request;
    slot(fields, request.slot);
    WW_CHECK(fields.finish());
    return request;
}

Result<ToChild> readTime(JsonFields &fields)
{
    TimeRequest request;
    fields.list("order", true, [&](const json &item, const std::string &path) -> Status {
        uint64_t seat = 0, set = 0;
        if (!item.is_array() || item.size() != 2 || readJson(item[0], seat) || readJson(item[1], set)
            || seat > 1 || set > std::numeric_limits<uint32_t>::max())
            return jsonFault(path, "must be [seat, set]");
        request.order.push_back({static_cast<Seat>(seat), static_cast<uint32_t>(set)});
        return {};
    });
    fields.required("flush_bytes", request.flushBytes);
    number(fields, "poison", request.poison);
    fields.field("slot", false, [&](const json &value, const std::string &path) -> Status {
        uint64_t number = 0;
        if (readJson(value, number) || number >= kReturnSlots)
            return jsonFault(path, "is no slot");
        request.slot = static_cast<uint32_t>(number);
        return {};
    });
    WW_CHECK(fields.finish());
    return request;
}

Result<ToChild> readObserve(JsonFields &fields)
{
    ObserveRequest request;
    choice(fields, "by", kObservers, request.by);
    seat(fields, request.run.seat);
    number(fields, "set", request.run.set);
    number(fields, "count", request.count);
    fields.required("flush_bytes", request.flushBytes);
    number(fields, "poison", request.poison);
    WW_CHECK(fields.finish());
    return request;
}

const std::initializer_list<const char *> kProblemNames {"none",     "source",  "plan",
                                                         "resource", "runtime", "device"};

json problemToJson(Problem problem)
{
    return *(kProblemNames.begin() + static_cast<int>(problem));
}

json toJson(const ReadyReply &reply)
{
    return {{"type", "ready"},
            {"device", toLine(FromWorker(reply.device))},
            {"problem", jsonText(reply.problem)}};
}

json toJson(const WarmReply &)
{
    return {{"type", "warm"}};
}

json toJson(const PhaseReply &reply)
{
    return {{"type", "phase"}, {"running", reply.running}};
}

json toJson(const BuildReply &reply)
{
    json message {{"type", "build"},
                  {"problem", problemToJson(reply.problem)},
                  {"message", jsonText(reply.message)},
                  {"line", reply.line},
                  {"log", jsonText(reply.log)},
                  {"resources", reply.resources},
                  {"binary_hash", reply.binaryHash},
                  {"binary", toBase64(reply.binary)}};
    if (reply.code)
        message["code"] = codeRecordToJson(*reply.code);
    return message;
}

json toJson(const RunReply &reply)
{
    return {{"type", "run"},
            {"problem", problemToJson(reply.problem)},
            {"message", jsonText(reply.message)},
            {"us", reply.us},
            {"mhz", reply.mhz},
            {"figures", reply.figures},
            {"digests", reply.digests}};
}

Result<FromChild> readReady(JsonFields &fields)
{
    ReadyReply reply;
    std::string device;
    fields.required("device", device);
    fields.required("problem", reply.problem);
    WW_CHECK(fields.finish());
    WW_TRY(FromWorker message, parseFromWorker(std::string_view(device).substr(0, device.find('\n'))));
    if (auto *capabilities = std::get_if<Capabilities>(&message))
        reply.device = std::move(*capabilities);
    return reply;
}

Result<FromChild> readBuildReply(JsonFields &fields)
{
    BuildReply reply;
    choice(fields, "problem", kProblemNames, reply.problem);
    fields.required("message", reply.message);
    fields.required("line", reply.line);
    fields.required("log", reply.log);
    fields.required("resources", reply.resources);
    fields.required("binary_hash", reply.binaryHash);
    bytes(fields, "binary", reply.binary);
    fields.field("code", false, [&](const json &value, const std::string &path) {
        return codeRecordFromJson(value, path, reply.code.emplace());
    });
    WW_CHECK(fields.finish());
    return reply;
}

Result<FromChild> readRun(JsonFields &fields)
{
    RunReply reply;
    std::vector<double> us, mhz;
    choice(fields, "problem", kProblemNames, reply.problem);
    fields.required("message", reply.message);
    fields.required("us", us);
    fields.required("mhz", mhz);
    fields.required("figures", reply.figures);
    fields.required("digests", reply.digests);
    WW_CHECK(fields.finish());
    const auto narrow = [](double value) { return static_cast<float>(value); };
    std::transform(us.begin(), us.end(), std::back_inserter(reply.us), narrow);
    std::transform(mhz.begin(), mhz.end(), std::back_inserter(reply.mhz), narrow);
    return reply;
}

template <class T> std::string toText(const T &message)
{
    return std::visit([](const auto &value) { return toJson(value).dump(); }, message);
}

} // namespace

std::string toFrameText(const ToChild &message)
{
    return toText(message);
}

std::string toFrameText(const FromChild &message)
{
    return toText(message);
}

Result<ToChild> parseToChild(std::string_view text)
{
    WW_TRY(const json document, parseJson(text));
    std::string type;
    JsonFields fields(document, {});
    fields.required("type", type);
    if (type == "build")
        return readBuild(fields);
    if (type == "bind")
        return readBind(fields);
    if (type == "launch")
        return readLaunch(fields);
    if (type == "time")
        return readTime(fields);
    if (type == "read")
        return readAgain(fields);
    if (type == "observe")
        return readObserve(fields);
    if (type == "peaks")
        return PeaksRequest {};
    if (type == "golden")
        return GoldenRequest {};
    WW_CHECK(fields.finish());
    return jsonFault("type", fmt::format("'{}' is no request", type));
}

Result<FromChild> parseFromChild(std::string_view text)
{
    WW_TRY(const json document, parseJson(text));
    std::string type;
    JsonFields fields(document, {});
    fields.required("type", type);
    if (type == "ready")
        return readReady(fields);
    if (type == "warm")
        return WarmReply {};
    if (type == "phase") {
        PhaseReply reply;
        fields.required("running", reply.running);
        WW_CHECK(fields.finish());
        return reply;
    }
    if (type == "build")
        return readBuildReply(fields);
    if (type == "run")
        return readRun(fields);
    WW_CHECK(fields.finish());
    return jsonFault("type", fmt::format("'{}' is no reply", type));
}

} // namespace ww
