// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ModelTypes.h"

#include <string_view>

namespace ww {

const char *toString(WireKind kind)
{
    switch (kind) {
    case WireKind::ChatCompletions: return "chat";
    case WireKind::Responses: return "responses";
    case WireKind::Messages: return "messages";
    }
    return "chat";
}

std::optional<WireKind> wireKindFromName(std::string_view name)
{
    for (const WireKind kind : {WireKind::ChatCompletions, WireKind::Responses, WireKind::Messages}) {
        if (name == toString(kind))
            return kind;
    }
    return std::nullopt;
}

const char *toString(ModelFault::Kind kind)
{
    using Kind = ModelFault::Kind;
    switch (kind) {
    case Kind::Refused: return "refused";
    case Kind::Quota: return "quota";
    case Kind::RateLimited: return "rate_limited";
    case Kind::Overloaded: return "overloaded";
    case Kind::BadRequest: return "bad_request";
    case Kind::NotFound: return "not_found";
    case Kind::Malformed: return "malformed";
    case Kind::TooLong: return "too_long";
    case Kind::Truncated: return "truncated";
    case Kind::Unreachable: return "unreachable";
    case Kind::Timeout: return "timeout";
    case Kind::Cancelled: return "cancelled";
    case Kind::Paused: return "paused";
    }
    return "overloaded";
}

std::optional<ModelFault::Kind> modelFaultKindFromName(std::string_view name)
{
    using Kind = ModelFault::Kind;
    for (const Kind kind : {Kind::Refused, Kind::Quota, Kind::RateLimited, Kind::Overloaded, Kind::BadRequest,
                            Kind::NotFound, Kind::Malformed, Kind::TooLong, Kind::Truncated,
                            Kind::Unreachable, Kind::Timeout, Kind::Cancelled, Kind::Paused}) {
        if (name == toString(kind))
            return kind;
    }
    return std::nullopt;
}

} // namespace ww
