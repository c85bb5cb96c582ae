// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/EndpointCheck.h"

namespace ww {
namespace {

constexpr double kLongestSeconds = 30;
constexpr int kMostTokens = 256; ///< room for a model that thinks first

} // namespace

Result<EndpointCheck> checkAnswers(ModelClientOptions options, const std::string &model, std::stop_token stop)
{
    options.retries = 0;
    options.totalSeconds = kLongestSeconds;
    ModelClient client(std::move(options));
    ModelRequest request;
    request.model = model;
    request.maxTokens = kMostTokens;
    request.turns = {{ModelTurn::Speaker::User, "Answer with the word: ready"}};
    const auto reply = client.askAndWait(request, {}, std::move(stop));
    if (!reply)
        return tl::make_unexpected(errorOf(reply.error()));
    return EndpointCheck {reply->model.empty() ? model : reply->model, reply->firstTextSeconds,
                          reply->seconds};
}

} // namespace ww
