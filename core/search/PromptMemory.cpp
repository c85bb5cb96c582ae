// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PromptMemory.h"

#include "core/memory/Learning.h"
#include "core/search/PromptText.h"

namespace ww {
namespace {

/// The candidates that failed last: a step from the start has no parent whose failure would tell what to warn
/// of.
std::vector<const Node *> lastFailures(const Session &session)
{
    constexpr size_t kMost = 3;
    std::vector<const Node *> failures;
    for (auto node = session.nodes.rbegin(); node != session.nodes.rend() && failures.size() < kMost;
         ++node) {
        if (node->evaluation && !correct(node->evaluation->verdict))
            failures.push_back(&*node);
    }
    return failures;
}

} // namespace

PromptMemory promptMemory(std::shared_ptr<const Memory> memory)
{
    return [memory = std::move(memory)](const Session &session, const Move &move, int step) {
        MemoryQuery query;
        query.language = session.task->language;
        query.device = session.devices.empty() ? std::string() : session.devices.front().device;
        query.tags = session.task->tags;
        query.text = session.task->description;
        if (const Node *parent = session.find(move.parent); parent && move.parent != 0) {
            query.text += "\n" + problemText(*parent);
            if (parent->evaluation)
                query.bottleneck = limitOf(*parent->evaluation,
                                           session.devices.empty() ? nullptr : &session.devices.front());
        }
        for (const Node *failed : lastFailures(session))
            query.text += "\n" + problemText(*failed);
        return memory->offer(query, session.config.seed, step);
    };
}

} // namespace ww
