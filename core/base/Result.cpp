// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Result.h"

namespace ww {

std::string Error::message() const
{
    std::string text;
    if (!where.empty())
        text += where + ": ";
    text += what;
    if (!why.empty())
        text += (text.empty() ? "" : ": ") + why;
    if (!remedy.empty())
        text += ". " + remedy;
    return text;
}

tl::unexpected<Error> failure(ErrorCode code, std::string what, std::string why, std::string remedy,
                              std::string where)
{
    return tl::make_unexpected(
        Error {code, std::move(what), std::move(why), std::move(remedy), std::move(where)});
}

const char *toString(ErrorCode code)
{
    switch (code) {
    case ErrorCode::BadInput: return "bad_input";
    case ErrorCode::NotFound: return "not_found";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Io: return "io";
    case ErrorCode::Infrastructure: return "infrastructure";
    case ErrorCode::Timeout: return "timeout";
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

} // namespace ww
