// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ReplyParser.h"

#include "core/search/ReplyJson.h"
#include "core/search/ReplyText.h"

#include <algorithm>
#include <array>

namespace ww {
namespace {

tl::unexpected<Error> unusable(std::string why)
{
    return failure(ErrorCode::BadInput, "the answer cannot be used", std::move(why));
}

/// The formats name the same reason differently.
bool ranOutOfTokens(const ModelReply &reply)
{
    constexpr std::array<std::string_view, 4> kWords {"length", "max_tokens", "max_output_tokens",
                                                      "incomplete"};
    return std::find(kWords.begin(), kWords.end(), reply.stop) != kWords.end();
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool hasPlan(std::string_view text)
{
    for (std::string_view line : linesOf(text)) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.starts_with("//@"))
            return true;
    }
    return false;
}

bool hasKernel(std::string_view text)
{
    return contains(text, "__global__") || contains(text, "__kernel") || contains(text, "kernel void");
}

/// Code without fences: from its first plan, preprocessor, comment or kernel line to the last closing brace.
std::string bareCode(std::string_view text)
{
    const size_t end = text.rfind('}');
    if (!hasKernel(text) || end == std::string_view::npos)
        return {};
    for (const std::string_view line : linesOf(text)) {
        const std::string_view code = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
        if (code.starts_with("//") || code.starts_with("#include") || code.starts_with("#define")
            || code.starts_with("#pragma") || code.starts_with("extern \"C\"") || code.starts_with("__"))
            return std::string(text.substr(static_cast<size_t>(line.data() - text.data()),
                                           end + 1 - static_cast<size_t>(line.data() - text.data())))
                + "\n";
    }
    return {};
}

/// The candidate among the blocks. Of several whole ones the last counts: models correct themselves.
Result<std::string> candidateIn(const std::vector<CodeBlock> &blocks, const std::string &text)
{
    const CodeBlock *plan = nullptr, *kernel = nullptr, *whole = nullptr;
    for (const CodeBlock &block : blocks) {
        if (hasPlan(block.text) && hasKernel(block.text))
            whole = &block;
        else if (hasPlan(block.text))
            plan = &block;
        else if (hasKernel(block.text))
            kernel = &block;
    }
    if (whole)
        return whole->text;
    if (plan && kernel)
        return plan->text + kernel->text;
    if (kernel && blocks.size() > 1 && hasPlan(text) && !plan)
        return unusable(
            "the //@ lines stand outside the code block; they must stand in it, above the kernel");
    if (kernel)
        return unusable("the code has no //@ launch line, so nobody knows how to start the kernel");
    if (plan)
        return unusable("there are //@ lines but no kernel");
    const std::string bare = bareCode(text);
    if (!bare.empty() && hasPlan(bare))
        return bare;
    if (!bare.empty())
        return unusable("the code has no //@ launch line, so nobody knows how to start the kernel");
    return unusable("it holds no kernel; the whole source must stand in one block between ``` lines");
}

} // namespace

Result<ReadReply> readWholeReply(const ModelReply &reply)
{
    const std::string text = cleanReply(reply.text);
    const std::vector<CodeBlock> blocks = codeBlocks(text);
    const bool cutOff = ranOutOfTokens(reply) || (!blocks.empty() && !blocks.back().closed);
    if (!cutOff) {
        if (const auto structured = structuredReply(text)) {
            if (!*structured)
                return tl::make_unexpected(structured->error());
            if (!(*structured)->source.empty())
                return ReadReply {(*structured)->title, withUnixLineEnds((*structured)->source)};
            return unusable("it gives edits where the whole source is wanted");
        }
    }
    Result<std::string> source = candidateIn(blocks, text);
    if (cutOff && (!source || (!blocks.empty() && !blocks.back().closed && *source == blocks.back().text)))
        return unusable("it was cut off before its end; say less around the code");
    if (!source)
        return tl::make_unexpected(std::move(source.error()));
    return ReadReply {titleIn(text), std::move(*source)};
}

Result<ReadReply> readEditReply(const ModelReply &reply, const std::string &parent)
{
    const std::string text = cleanReply(reply.text);
    std::vector<SourceEdit> edits;
    std::string title = titleIn(text);
    if (const auto structured = structuredReply(text)) {
        if (!*structured)
            return tl::make_unexpected(structured->error());
        title = (*structured)->title;
        edits = (*structured)->edits;
    } else {
        Result<std::vector<SourceEdit>> blocks = readEditBlocks(text);
        if (!blocks && ranOutOfTokens(reply))
            return unusable("it was cut off before its end; say less around the edits");
        if (!blocks)
            return tl::make_unexpected(std::move(blocks.error()));
        edits = std::move(*blocks);
    }
    if (edits.empty() && ranOutOfTokens(reply))
        return unusable("it was cut off before its first edit; say less around the edits");
    if (edits.empty())
        return unusable("it holds no edit; each must have the lines <<<<<<< OLD, =======, >>>>>>> NEW");
    WW_TRY(std::string source, applyEdits(withUnixLineEnds(parent), edits));
    return ReadReply {std::move(title), std::move(source)};
}

} // namespace ww
