// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Prices.h"

#include <algorithm>
#include <cctype>

namespace ww {
namespace {

constexpr double kTokensOfPrice = 1e6;
/// Code has more bytes a token; this is for knowing what a call can cost at most.
constexpr double kFewestBytesOfAToken = 2;

constexpr ptrdiff_t kDigitsOfADate = 8;

/// "gpt-5" is also the price of "gpt-5-2025-08-07", but not of "gpt-5-pro" nor of "gpt-5.1", which cost
/// other.
bool isNameOf(std::string_view entry, std::string_view model)
{
    if (!model.starts_with(entry))
        return false;
    const std::string_view rest = model.substr(entry.size());
    if (rest.empty() || rest == "-latest")
        return true;
    const auto isDigit = [](unsigned char c) { return std::isdigit(c) != 0; };
    return (rest.front() == '-' || rest.front() == '@')
        && std::all_of(rest.begin() + 1, rest.end(), [&](char c) { return isDigit(c) || c == '-'; })
        && std::count_if(rest.begin(), rest.end(), isDigit) == kDigitsOfADate;
}

/// Whether tokens may have been made, and be charged, though the answer did not come whole.
bool mayBeCharged(ModelFault::Kind kind)
{
    using Kind = ModelFault::Kind;
    return kind == Kind::Truncated || kind == Kind::Timeout || kind == Kind::TooLong
        || kind == Kind::Malformed || kind == Kind::Cancelled;
}

} // namespace

double moneyFor(const ModelUsage &usage, const ModelPrice &price)
{
    const auto cost = [](int64_t tokens, double each) {
        return static_cast<double>(std::max<int64_t>(tokens, 0)) * each / kTokensOfPrice;
    };
    return cost(usage.input - usage.cachedInput - usage.cacheWrites, price.input)
        + cost(usage.cachedInput, price.cachedInput) + cost(usage.cacheWrites, price.cacheWrite)
        + cost(usage.output, price.output);
}

double mostMoneyFor(const ModelRequest &request, const ModelPrice &price)
{
    size_t bytes = request.system.size() + request.jsonSchema.size();
    for (const ModelTurn &turn : request.turns)
        bytes += turn.text.size();
    ModelUsage most;
    most.input = static_cast<int64_t>(static_cast<double>(bytes) / kFewestBytesOfAToken);
    most.output = request.maxTokens;
    most.cacheWrites = price.cacheWrite > price.input ? most.input : 0;
    return moneyFor(most, price);
}

std::optional<double> moneyOfCall(const tl::expected<ModelReply, ModelFault> &answer, double most,
                                  const ModelPrice &price)
{
    if (!answer)
        return mayBeCharged(answer.error().kind) ? std::optional(most) : std::nullopt;
    const bool counted = answer->usage.input + answer->usage.output > 0;
    return counted ? moneyFor(answer->usage, price) : most;
}

std::optional<ModelPrice> PriceTable::priceOf(std::string_view model) const
{
    const ModelPrice *found = nullptr;
    const std::string_view bare = model.substr(model.rfind('/') + 1); // npos + 1 is 0
    for (const ModelPrice &price : m_prices) {
        if ((isNameOf(price.model, model) || isNameOf(price.model, bare))
            && (!found || price.model.size() > found->model.size()))
            found = &price;
    }
    return found ? std::optional(*found) : std::nullopt;
}

} // namespace ww
