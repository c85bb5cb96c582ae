// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/PromptFile.h"
#include "core/search/Proposer.h"

#include <map>
#include <memory>
#include <string>

namespace ww {

/// What is asked of a model, and which prompt files it was made from.
struct Question {
    ModelRequest request;
    std::map<std::string, std::string> prompts; ///< name of each prompt file used → its SHA-256
    std::optional<MemoryUse> memory {}; ///< what memory gave to it, for the journal
};

/// What a prompt is made from, beside the session.
struct PromptInput {
    Move move;
    std::string memory; ///< rules and techniques learned before, as text; empty: none
    std::optional<MemoryUse> memoryUse {}; ///< which these are; nothing where memory is off
};

/// "step 12, small, turn 1": what a question is called in records.
[[nodiscard]] std::string labelOf(const ModelCallKey &key);

/// Who puts questions into words: from prompt files, or from a recording.
class QuestionSource {
public:
    virtual ~QuestionSource() = default;
    /// The first question of a step.
    [[nodiscard]] virtual Result<Question> first(const Session &session, const ModelCallKey &key,
                                                 const PromptInput &input) = 0;
    /// The question for what limits the kernels that the step is about to be shown.
    [[nodiscard]] virtual Result<Question> review(const Session &session, const ModelCallKey &key,
                                                  const PromptInput &input) = 0;
    /// The first question of a step behind a review and what was answered to that.
    [[nodiscard]] virtual Question afterReview(const Question &first, const Question &review,
                                               const std::string &points) = 0;
    /// The question that follows an answer that could not be used; `fault` says why.
    [[nodiscard]] virtual Result<Question> repair(const ModelCallKey &key, const Question &asked,
                                                  const std::string &answer, const std::string &fault) = 0;
};

/// Writes prompts from the files in resources/prompts; a file of the same name in the person's own folder
/// (configDirectory()/prompts) goes before it. What stays the same over a search stands in the system text,
/// so that endpoints can cache it.
class PromptWriter final : public QuestionSource {
public:
    /// Reads all prompt files: a missing file or a fault in one is an error that names it.
    [[nodiscard]] static Result<std::unique_ptr<PromptWriter>> load();
    /// The same from these folders, of which the first that has a file counts.
    [[nodiscard]] static Result<std::unique_ptr<PromptWriter>> load(const std::vector<std::string> &folders);

    [[nodiscard]] Result<Question> first(const Session &session, const ModelCallKey &key,
                                         const PromptInput &input) override;
    [[nodiscard]] Result<Question> review(const Session &session, const ModelCallKey &key,
                                          const PromptInput &input) override;
    [[nodiscard]] Question afterReview(const Question &first, const Question &review,
                                       const std::string &points) override;
    [[nodiscard]] Result<Question> repair(const ModelCallKey &key, const Question &asked,
                                          const std::string &answer, const std::string &fault) override;

    /// The question for a small task (TaskWriting.h) that is none of those named.
    [[nodiscard]] Question newTask(const ModelSettings &settings, const std::string &language,
                                   const Capabilities &device, const std::vector<std::string> &taken) const;
    /// The question with an answer that could not be used and why.
    [[nodiscard]] Question repaired(const Question &asked, const std::string &answer,
                                    const std::string &fault) const;

private:
    [[nodiscard]] PromptSlots slotsFor(const Session &session, const PromptInput &input,
                                       Question &question) const;
    [[nodiscard]] Question asking(const Session &session, const ModelCallKey &key, const std::string &prompt,
                                  const PromptSlots &slots, Question question) const;
    [[nodiscard]] std::string filled(const std::string &name, const PromptSlots &slots,
                                     Question &question) const;

    std::map<std::string, PromptFile> m_files; ///< by name, without ".md"
};

} // namespace ww
