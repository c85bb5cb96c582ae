// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/TaskReply.h"

#include "core/search/ReplyText.h"

#include <fmt/format.h>

namespace ww {
namespace {

/// A small task needs a small part of this.
constexpr size_t kLongestText = 32u << 10;

tl::unexpected<Error> unusable(std::string why)
{
    return failure(ErrorCode::BadInput, "the answer cannot be used", std::move(why));
}

bool isObject(const std::string &text)
{
    const size_t first = text.find_first_not_of(" \t\n");
    return first != std::string::npos && text[first] == '{';
}

bool hasPlan(const std::string &text)
{
    return text.find("//@ launch") != std::string::npos;
}

} // namespace

Result<TaskTexts> readTaskReply(const ModelReply &reply)
{
    std::vector<std::string> definitions, kernels;
    for (CodeBlock &block : codeBlocks(cleanReply(reply.text))) {
        if (!block.closed)
            return unusable("it ends in the middle of a fenced block; answer shorter");
        if (block.text.size() > kLongestText)
            return unusable(fmt::format("a block is longer than {} bytes", kLongestText));
        if (hasPlan(block.text))
            kernels.push_back(std::move(block.text));
        else if (isObject(block.text))
            definitions.push_back(std::move(block.text));
    }
    if (definitions.size() != 1)
        return unusable(fmt::format(
            "it has {} fenced blocks with a JSON object; one is wanted, the task.json", definitions.size()));
    if (kernels.size() != 2)
        return unusable(fmt::format("it has {} fenced blocks with a '//@ launch' line; two are wanted, the "
                                    "reference and after it the baseline",
                                    kernels.size()));
    return TaskTexts {std::move(definitions[0]), std::move(kernels[0]), std::move(kernels[1])};
}

} // namespace ww
