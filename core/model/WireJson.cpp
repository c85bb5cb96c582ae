// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireJson.h"

#include "core/base/Utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace ww::wire {
namespace {

using nlohmann::json;
using Kind = ModelFault::Kind;

constexpr size_t kMaxMessage = 400;

Kind kindOf(int status, const std::string &word)
{
    // The word first: 429 stands for "too fast" and for "no money left".
    constexpr std::array kQuotaWords {"insufficient_quota", "credit_balance", "billing", "spend_limit"};
    const bool quota = std::any_of(kQuotaWords.begin(), kQuotaWords.end(), [&word](const char *each) {
        return word.find(each) != std::string::npos;
    });
    if (quota || status == 402)
        return Kind::Quota;
    if (status == 401 || status == 403 || word.find("authentication") != std::string::npos
        || word.find("permission") != std::string::npos)
        return Kind::Refused;
    if (status == 429 || word.find("rate_limit") != std::string::npos)
        return Kind::RateLimited;
    const bool redirects = status >= 300 && status < 400;
    if (status == 404 || redirects || word.find("not_found") != std::string::npos)
        return Kind::NotFound;
    if (status == 408 || word.find("timeout") != std::string::npos)
        return Kind::Timeout;
    if ((status >= 400 && status < 500 && status != 409) || word.find("invalid_request") != std::string::npos)
        return Kind::BadRequest;
    return Kind::Overloaded;
}

} // namespace

std::string textIn(const json &object, const char *key)
{
    if (!object.is_object())
        return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int64_t countIn(const json &object, const char *key)
{
    if (!object.is_object())
        return 0;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number())
        return 0;
    const double value = found->get<double>();
    return value >= 0 && value <= kMostTokensOfCall ? static_cast<int64_t>(value) : 0;
}

const json &childIn(const json &object, const char *key)
{
    static const json kNothing;
    if (!object.is_object())
        return kNothing;
    const auto found = object.find(key);
    return found != object.end() && found->is_structured() ? *found : kNothing;
}

json schemaOf(const ModelRequest &request)
{
    json schema = json::parse(request.jsonSchema, nullptr, false);
    return schema.is_discarded() ? json() : schema;
}

ModelFault faultFrom(const json &document, int status)
{
    const json &error = childIn(document, "error");
    std::string message = textIn(error, "message");
    if (message.empty())
        message = textIn(document, "error");
    if (message.empty())
        message = textIn(document, "message");
    std::string word = textIn(error, "type") + ' ' + textIn(error, "code");
    if (word == " ")
        word = textIn(document, "code");
    const int64_t number = countIn(error, "code");
    if (status == 0 && number >= 400 && number < 600)
        status = static_cast<int>(number); // routers and local servers put HTTP's number here
    ModelFault fault;
    fault.kind = kindOf(status, word);
    fault.status = status;
    fault.message = clipped(toValidUtf8(message), kMaxMessage);
    if (fault.message.empty() && status >= 300 && status < 400)
        fault.message = fmt::format("HTTP status {}: it redirects, which is not followed", status);
    if (fault.message.empty())
        fault.message = status > 0 ? fmt::format("HTTP status {}", status) : "the endpoint reports a fault";
    return fault;
}

} // namespace ww::wire
