// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace ww {

/// What kind of thing went wrong; decides exit status and who may retry.
enum class ErrorCode {
    BadInput, ///< a file, plan, message or setting of the user's is wrong
    NotFound, ///< something named does not exist
    Unsupported, ///< correct, but not possible here (device, build, platform)
    Io, ///< reading or writing failed
    Infrastructure, ///< a worker, device or endpoint failed; not the candidate's fault
    Timeout, ///< a time limit ran out
    Cancelled, ///< someone asked to stop
    Internal, ///< a broken promise of ours
};

/// An expected failure: what failed, why, and what to do about it, as sentences for a person.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string what; ///< what failed, e.g. "cannot load kernels/x/task.json"
    std::string why; ///< the reason, e.g. "axis M is used but not declared"
    std::string remedy; ///< what to do next; may be empty when the reason says it all
    std::string where; ///< "file:line:column" where known, else empty

    /// One line: "where: what: why. remedy".
    [[nodiscard]] std::string message() const;
};

template <class T> using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// Makes the failure value of a Result.
[[nodiscard]] tl::unexpected<Error> failure(ErrorCode code, std::string what, std::string why = {},
                                            std::string remedy = {}, std::string where = {});

/// The stable, lower-case name of a code ("bad_input", …), as JSON and exit messages use it.
[[nodiscard]] const char *toString(ErrorCode code);

} // namespace ww

#define WW_TRY_JOIN2(a, b) a##b
#define WW_TRY_JOIN(a, b) WW_TRY_JOIN2(a, b)
/// Evaluates a Result expression; returns its error from the enclosing function, else goes on.
#define WW_CHECK(expression)                                                                                 \
    do {                                                                                                     \
        auto WW_TRY_JOIN(wwStatus, __LINE__) = (expression);                                                 \
        if (!WW_TRY_JOIN(wwStatus, __LINE__))                                                                \
            return tl::make_unexpected(std::move(WW_TRY_JOIN(wwStatus, __LINE__).error()));                  \
    } while (false)

/// Declares `declaration` from the value of a Result expression, or returns its error.
#define WW_TRY(declaration, expression)                                                                      \
    auto WW_TRY_JOIN(wwTry, __LINE__) = (expression);                                                        \
    if (!WW_TRY_JOIN(wwTry, __LINE__))                                                                       \
        return tl::make_unexpected(std::move(WW_TRY_JOIN(wwTry, __LINE__).error()));                         \
    declaration = std::move(*WW_TRY_JOIN(wwTry, __LINE__))
