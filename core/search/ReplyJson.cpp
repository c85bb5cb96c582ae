// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ReplyJson.h"

#include "core/search/ReplyParser.h"
#include "core/search/ReplyText.h"
#include "core/task/JsonFields.h"

namespace ww {
namespace {

using Json = nlohmann::json;

Json objectOf(const Json &properties, const Json &required)
{
    return {{"type", "object"},
            {"properties", properties},
            {"required", required},
            {"additionalProperties", false}};
}

const Json kText {{"type", "string"}};

Result<StructuredReply> read(const Json &document)
{
    StructuredReply reply;
    JsonFields fields(document, "");
    fields.optional("title", reply.title);
    fields.optional("source", reply.source);
    fields.list("edits", false, [&](const Json &value, const std::string &path) -> Status {
        SourceEdit edit;
        JsonFields entry(value, path);
        entry.required("old", edit.oldText);
        entry.required("new", edit.newText);
        WW_CHECK(entry.finish());
        reply.edits.push_back(std::move(edit));
        return {};
    });
    WW_CHECK(fields.finish());
    if (reply.source.empty() && reply.edits.empty())
        return failure(ErrorCode::BadInput, "the JSON answer cannot be used",
                       "it has neither a \"source\" nor \"edits\"");
    reply.title = titleIn("Title: " + reply.title);
    return reply;
}

} // namespace

std::optional<Result<StructuredReply>> structuredReply(std::string_view text)
{
    const std::vector<CodeBlock> blocks = codeBlocks(text);
    const std::string inner = blocks.size() == 1 ? blocks.front().text : std::string(text);
    const size_t begin = inner.find_first_not_of(" \t\n"), end = inner.find_last_not_of(" \t\n");
    if (begin == std::string::npos || inner[begin] != '{' || inner[end] != '}')
        return std::nullopt;
    const Result<Json> document = parseJson(std::string_view(inner).substr(begin, end - begin + 1));
    if (!document)
        return std::nullopt; // code in braces, perhaps
    return read(*document);
}

std::string wholeReplySchema()
{
    return objectOf({{"title", kText}, {"source", kText}}, {"title", "source"}).dump();
}

std::string editReplySchema()
{
    const Json edit = objectOf({{"old", kText}, {"new", kText}}, {"old", "new"});
    return objectOf({{"title", kText}, {"edits", {{"type", "array"}, {"items", edit}}}}, {"title", "edits"})
        .dump();
}

} // namespace ww
