// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/ModelTypes.h"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// What a model costs, in US dollars for a million tokens.
struct ModelPrice {
    std::string model; ///< its name; "gpt-5-mini" is also the price of "gpt-5-mini-2025-08-07"
    double input = 0;
    double cachedInput = 0; ///< input read from the endpoint's cache
    double cacheWrite = 0; ///< input put into the cache
    double output = 0; ///< reasoning included
};

/// What these tokens cost, in US dollars.
[[nodiscard]] double moneyFor(const ModelUsage &usage, const ModelPrice &price);

/// What asking that can cost at most, in US dollars: every token of the answer used, nothing cached.
[[nodiscard]] double mostMoneyFor(const ModelRequest &request, const ModelPrice &price);

/// What a call came to, in US dollars: what the endpoint counted. It is `most` (mostMoneyFor()) where it does
/// not count, so that a limit of money holds, and where an answer broke off that may be charged all the same.
/// Nothing for a failure that is not charged.
[[nodiscard]] std::optional<double> moneyOfCall(const tl::expected<ModelReply, ModelFault> &answer,
                                                double most, const ModelPrice &price);

/// The prices of models, from files that a person can edit.
class PriceTable {
public:
    /// resources/prices/prices.json, with the entries of configDirectory()/prices.json before them where
    /// there is such a file. Faults name file and field.
    [[nodiscard]] static Result<PriceTable> load();
    /// Reads one file's text.
    [[nodiscard]] static Result<PriceTable> parse(const std::string &file, std::string_view text);

    /// The entry for that name, with a date or "latest" behind it and a provider in front ("openai/gpt-5") or
    /// not. Of several the one with the longest name counts, of equals the first.
    [[nodiscard]] std::optional<ModelPrice> priceOf(std::string_view model) const;

private:
    std::vector<ModelPrice> m_prices;
};

} // namespace ww
