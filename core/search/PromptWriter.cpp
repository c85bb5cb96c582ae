// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/PromptWriter.h"

#include "core/base/Paths.h"
#include "core/search/PromptText.h"
#include "core/search/ReplyParser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace ww {
namespace {

constexpr std::array kNames {"system", "plan_rules", "opencl", "cuda", "large",
                             "small",  "review",     "repair", "task"};
constexpr size_t kLargestFile = 256 << 10;

const std::set<std::string> &knownSlots()
{
    static const std::set<std::string> slots {
        "task",       "device", "language", "plan_rules", "language_rules", "parent", "context", "problem",
        "bottleneck", "memory", "hint",     "fault",      "structured",     "plain",  "tasks"};
    return slots;
}

Result<PromptFile> readPrompt(const std::string &name, const std::vector<std::string> &folders)
{
    std::string looked;
    for (const std::string &folder : folders) {
        const std::string path = fmt::format("{}/{}.md", folder, name);
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            looked += (looked.empty() ? "" : ", ") + folder;
            continue;
        }
        WW_TRY(const std::string text, readTextFile(path, kLargestFile));
        return PromptFile::parse(path, text, knownSlots());
    }
    return failure(ErrorCode::NotFound, fmt::format("there is no prompt '{}.md'", name),
                   "looked in " + looked,
                   "Install it again, or set WARPWRIGHT_RESOURCES to the folder that holds prompts");
}

std::string nameOfLanguage(const std::string &language)
{
    return language == "cuda" ? "CUDA C++" : "OpenCL C";
}

/// Endpoints refuse a turn without text.
std::string saidOr(const std::string &answer)
{
    return answer.find_first_not_of(" \t\r\n") == std::string::npos ? "(nothing)" : answer;
}

/// The other kernels that are shown, each once, without the one that a small step starts from.
std::string contextText(const Session &session, const Move &move)
{
    std::string text;
    for (const Lineage &entry : move.context) {
        const Node *node = session.find(entry.id);
        if (!node || entry.id == 0 || (entry.role == LineageRole::Parent && move.kind == MoveKind::Small))
            continue;
        const std::string problem = problemText(*node);
        text += kernelText(*node, session.task->language)
            + (problem.empty() ? "" : "What went wrong: " + problem) + "\n";
    }
    return text;
}

} // namespace

std::string labelOf(const ModelCallKey &key)
{
    return fmt::format("step {}, {}, turn {}", key.step, toString(key.kind), key.turn);
}

Result<std::unique_ptr<PromptWriter>> PromptWriter::load()
{
    WW_TRY(const std::string own, configDirectory());
    WW_TRY(const std::string shipped, resourcesDirectory("prompts"));
    return load({own + "/prompts", shipped});
}

Result<std::unique_ptr<PromptWriter>> PromptWriter::load(const std::vector<std::string> &folders)
{
    auto writer = std::make_unique<PromptWriter>();
    for (const char *name : kNames) {
        WW_TRY(PromptFile file, readPrompt(name, folders));
        writer->m_files.emplace(name, std::move(file));
    }
    return writer;
}

std::string PromptWriter::filled(const std::string &name, const PromptSlots &slots, Question &question) const
{
    const PromptFile &file = m_files.at(name);
    question.prompts[name] = file.hash();
    return file.fill(slots);
}

PromptSlots PromptWriter::slotsFor(const Session &session, const PromptInput &input, Question &question) const
{
    const Task &task = *session.task;
    const Capabilities *device = session.devices.empty() ? nullptr : &session.devices.front();
    PromptSlots slots;
    slots["language"] = nameOfLanguage(task.language);
    slots[session.config.model.structured ? "structured" : "plain"] = "yes";
    slots["task"] = taskText(task, device ? device->deviceKind : "gpu");
    slots["device"] = deviceText(device);
    slots["plan_rules"] = filled("plan_rules", slots, question);
    slots["language_rules"] = filled(task.language, slots, question);
    slots["memory"] = input.memory;
    slots["hint"] = input.move.hint;
    slots["context"] = contextText(session, input.move);
    if (const Node *parent = session.startOf(input.move)) {
        slots["parent"] = kernelText(*parent, task.language);
        slots["problem"] = problemText(*parent);
        slots["bottleneck"] = bottleneckText(*parent);
    }
    return slots;
}

Question PromptWriter::newTask(const ModelSettings &settings, const std::string &language,
                               const Capabilities &device, const std::vector<std::string> &taken) const
{
    Question question;
    PromptSlots slots;
    slots["language"] = nameOfLanguage(language);
    slots["device"] = deviceText(&device);
    slots["plan_rules"] = filled("plan_rules", slots, question);
    slots["language_rules"] = filled(language, slots, question);
    slots["tasks"] = fmt::format("{}", fmt::join(taken, ", "));
    question.request.label = "a task";
    question.request.model = settings.model;
    question.request.maxTokens = settings.maxTokens;
    question.request.temperature = settings.temperature;
    question.request.turns = {{ModelTurn::Speaker::User, filled("task", slots, question)}};
    return question;
}

Question PromptWriter::asking(const Session &session, const ModelCallKey &key, const std::string &prompt,
                              const PromptSlots &slots, Question question) const
{
    const ModelSettings &settings = session.config.model;
    question.request.label = labelOf(key);
    question.request.model = settings.model;
    question.request.maxTokens = settings.maxTokens;
    question.request.temperature = settings.temperature;
    question.request.system = filled("system", slots, question);
    question.request.turns = {{ModelTurn::Speaker::User, filled(prompt, slots, question)}};
    return question;
}

Result<Question> PromptWriter::first(const Session &session, const ModelCallKey &key,
                                     const PromptInput &input)
{
    const bool small = key.kind == MoveKind::Small;
    Question question;
    const PromptSlots slots = slotsFor(session, input, question);
    question = asking(session, key, small ? "small" : "large", slots, std::move(question));
    question.memory = input.memoryUse;
    if (session.config.model.structured)
        question.request.jsonSchema = small ? editReplySchema() : wholeReplySchema();
    return question;
}

Result<Question> PromptWriter::review(const Session &session, const ModelCallKey &key,
                                      const PromptInput &input)
{
    Question question;
    const PromptSlots slots = slotsFor(session, input, question);
    return asking(session, key, "review", slots, std::move(question));
}

Question PromptWriter::afterReview(const Question &first, const Question &review, const std::string &points)
{
    Question question = first;
    question.prompts.insert(review.prompts.begin(), review.prompts.end());
    question.request.turns = review.request.turns;
    question.request.turns.push_back({ModelTurn::Speaker::Model, saidOr(points)});
    question.request.turns.insert(question.request.turns.end(), first.request.turns.begin(),
                                  first.request.turns.end());
    return question;
}

Result<Question> PromptWriter::repair(const ModelCallKey &key, const Question &asked,
                                      const std::string &answer, const std::string &fault)
{
    Question question = repaired(asked, answer, fault);
    question.request.label = labelOf(key);
    return question;
}

Question PromptWriter::repaired(const Question &asked, const std::string &answer,
                                const std::string &fault) const
{
    Question question = asked;
    question.memory.reset(); // counted with the first question
    PromptSlots slots {{"fault", fault}};
    slots[asked.request.jsonSchema.empty() ? "plain" : "structured"] = "yes";
    question.request.turns.push_back({ModelTurn::Speaker::Model, saidOr(answer)});
    question.request.turns.push_back({ModelTurn::Speaker::User, filled("repair", slots, question)});
    return question;
}

} // namespace ww
