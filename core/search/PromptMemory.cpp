// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PromptMemory.h"

#include "core/search/PromptText.h"

namespace ww {

PromptMemory promptMemory(std::shared_ptr<const Memory> memory)
{
    return [memory = std::move(memory)](const Session &session, const Move &move, int step) {
        MemoryQuery query;
        query.language = session.task->language;
        query.device = session.devices.empty() ? std::string() : session.devices.front().device;
        query.tags = session.task->tags;
        query.text = session.task->description;
        if (const Node *parent = session.find(move.parent); parent && move.parent != 0)
            query.text += "\n" + problemText(*parent);
        return memory->offer(query, session.config.seed, step);
    };
}

} // namespace ww
