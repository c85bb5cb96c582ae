// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/RuleList.h"
#include "core/memory/Sentence.h"
#include "core/task/JsonFields.h"

#include <fmt/format.h>

namespace ww {
namespace {

using Json = nlohmann::json;

constexpr const char *kFormat = "warpwright rules";
constexpr int kVersion = 1;
constexpr size_t kMaxProbe = 64 << 10;

Json ruleToJson(const RuleRecord &record)
{
    const Rule &rule = record.rule;
    Json tags = Json::array();
    for (const std::string &tag : rule.tags)
        tags.push_back(jsonText(tag));
    Json document {{"class", jsonText(rule.errorClass)},  {"language", jsonText(rule.language)},
                   {"sentence", jsonText(rule.sentence)}, {"tags", tags},
                   {"origin", jsonText(rule.origin)},     {"pinned", rule.pinned},
                   {"disabled", rule.disabled},           {"edited", rule.edited},
                   {"check", toString(rule.check)},       {"checked_on", jsonText(rule.checkedOn)},
                   {"support", record.counters.support},  {"claimed", rule.claimed}};
    if (!rule.falsifier.source.empty())
        document["falsifier"] = {{"source", jsonText(rule.falsifier.source)},
                                 {"expectation", toString(rule.falsifier.expectation)}};
    return document;
}

bool isName(std::string_view text)
{
    return !text.empty() && text.size() <= 80
        && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

Result<Rule> ruleFromJson(const Json &document, const std::string &path)
{
    Rule rule;
    std::string sentence, check;
    int support = 0;
    JsonFields fields(document, path);
    fields.required("class", rule.errorClass);
    fields.required("language", rule.language);
    fields.required("sentence", sentence);
    fields.optional("tags", rule.tags);
    fields.optional("pinned", rule.pinned);
    fields.optional("disabled", rule.disabled);
    fields.optional("edited", rule.edited);
    fields.optional("support", support);
    fields.optional("claimed", rule.claimed);
    fields.field("falsifier", false, [&](const Json &value, const std::string &at) -> Status {
        std::string expectation;
        JsonFields inner(value, at);
        inner.required("source", rule.falsifier.source);
        inner.required("expectation", expectation);
        WW_CHECK(inner.finish());
        WW_TRY(rule.falsifier.expectation, expectationFromName(expectation));
        if (rule.falsifier.source.size() > kMaxProbe)
            return jsonFault(at, "is over 64 KiB");
        return {};
    });
    WW_CHECK(fields.finish());
    if (!isName(rule.errorClass))
        return jsonFault(path + ".class", "must be lower-case letters, digits and '-'");
    WW_TRY([[maybe_unused]] const Rule checked, writtenRule(rule.language, sentence));
    WW_TRY(rule.sentence, checkedSentence(sentence));
    rule.key = ruleKey(rule.language, rule.errorClass);
    // What another machine saw is a claim here, and its checks are to be made again.
    rule.origin = "import";
    rule.claimed = std::max({rule.claimed, static_cast<double>(support), 0.0});
    return rule;
}

} // namespace

std::string rulesToJson(const std::vector<RuleRecord> &rules)
{
    Json list = Json::array();
    for (const RuleRecord &record : rules)
        list.push_back(ruleToJson(record));
    const Json document {{"format", kFormat}, {"version", kVersion}, {"rules", list}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<Rule>> rulesFromJson(std::string_view text)
{
    WW_TRY(const Json document, parseJson(text));
    std::string format;
    int version = 0;
    std::vector<Rule> rules;
    JsonFields fields(document, "");
    fields.required("format", format);
    fields.required("version", version);
    fields.list("rules", true, [&](const Json &value, const std::string &path) -> Status {
        WW_TRY(Rule rule, ruleFromJson(value, path));
        rules.push_back(std::move(rule));
        return {};
    });
    WW_CHECK(fields.finish());
    if (format != kFormat || version != kVersion)
        return failure(ErrorCode::BadInput, "cannot import the list",
                       fmt::format("it says '{}', version {}", format, version),
                       "Give what 'warpwright-cli memory export' wrote");
    return rules;
}

} // namespace ww
