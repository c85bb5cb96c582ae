// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/ModelClient.h"

#include <stop_token>
#include <string>

namespace ww {

/// How an endpoint answered.
struct EndpointCheck {
    std::string model; ///< as the endpoint names it
    double firstTextSeconds = 0;
    double seconds = 0;
};

/// Asks the endpoint for one word, once, for at most half a minute; blocks. The error says what to do.
[[nodiscard]] Result<EndpointCheck> checkAnswers(ModelClientOptions options, const std::string &model,
                                                 std::stop_token stop = {});

} // namespace ww
