// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/model/Prices.h"
#include "core/task/JsonFields.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

namespace ww {
namespace {

constexpr size_t kLargestFile = 1 << 20;

Status readPrice(const nlohmann::json &document, const std::string &path, ModelPrice &price)
{
    JsonFields fields(document, path);
    fields.required("model", price.model);
    fields.required("input", price.input);
    fields.required("output", price.output);
    price.cachedInput = price.cacheWrite = price.input;
    fields.optional("cached_input", price.cachedInput);
    fields.optional("cache_write", price.cacheWrite);
    for (const double value : {price.input, price.output, price.cachedInput, price.cacheWrite}) {
        if (!std::isfinite(value) || value < 0)
            fields.refuse("", "holds a price below 0");
    }
    if (price.model.empty())
        fields.refuse("model", "is empty");
    return fields.finishStrictly();
}

} // namespace

Result<PriceTable> PriceTable::parse(const std::string &file, std::string_view text)
{
    const auto inFile = [&file](Error error) {
        error.what = fmt::format("cannot read the prices in {}: {}", file, error.what);
        if (error.remedy.empty())
            error.remedy = "Correct the file; prices are US dollars for a million tokens";
        return tl::make_unexpected(std::move(error));
    };
    const Result<nlohmann::json> document = parseJson(text);
    if (!document)
        return inFile(document.error());
    PriceTable table;
    std::string note;
    JsonFields fields(*document, "");
    fields.optional("note", note);
    fields.list("models", true, [&table](const nlohmann::json &value, const std::string &path) {
        return readPrice(value, path, table.m_prices.emplace_back());
    });
    if (const Status read = fields.finishStrictly(); !read)
        return inFile(read.error());
    return table;
}

Result<PriceTable> PriceTable::load()
{
    WW_TRY(const std::string own, configDirectory());
    WW_TRY(const std::string shipped, resourcesDirectory("prices"));
    PriceTable all;
    for (const std::string &path : {own + "/prices.json", shipped + "/prices.json"}) {
        std::error_code error;
        if (path.starts_with(own) && !std::filesystem::exists(path, error))
            continue;
        WW_TRY(const std::string text, readTextFile(path, kLargestFile));
        WW_TRY(const PriceTable table, parse(path, text));
        all.m_prices.insert(all.m_prices.end(), table.m_prices.begin(), table.m_prices.end());
    }
    return all;
}

} // namespace ww
