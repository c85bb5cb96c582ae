// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/TaskWriting.h"

#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/memory/AdaptationTasks.h"
#include "core/search/TaskReply.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace ww {
namespace {

constexpr int kTurns = 2; ///< the question, and one request to repair the answer
constexpr int64_t kMostElements = 1 << 22; ///< of all tensors on one workload
constexpr size_t kMostWorkloads = 8;

/// The folder of a task that is being written: gone with this, unless it is kept.
class Draft {
public:
    explicit Draft(std::string folder) : m_folder(std::move(folder)) { }
    ~Draft()
    {
        std::error_code ignored;
        if (m_made && !m_kept)
            std::filesystem::remove_all(m_folder, ignored);
    }
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;

    Status write(const TaskTexts &texts, const std::string &language)
    {
        std::error_code error;
        if (!m_made && !std::filesystem::create_directories(m_folder, error))
            return failure(ErrorCode::Io, "cannot create " + m_folder,
                           error ? error.message() : "there is something of that name");
        m_made = true;
        const std::string extension = language == "cuda" ? ".cu" : ".cl";
        WW_CHECK(writeFileAtomically(m_folder + "/task.json", texts.definition));
        WW_CHECK(writeFileAtomically(m_folder + "/reference" + extension, texts.reference));
        return writeFileAtomically(m_folder + "/baseline" + extension, texts.baseline);
    }
    void keep() { m_kept = true; }

    /// What was said about it, without where it lies: that is nothing to a model.
    [[nodiscard]] std::string withoutPlace(std::string text) const
    {
        const std::string place = m_folder + "/";
        for (size_t at = text.find(place); at != std::string::npos; at = text.find(place, at))
            text.erase(at, place.size());
        return text;
    }

private:
    std::string m_folder;
    bool m_made = false;
    bool m_kept = false;
};

Status checkSmall(const Task &task)
{
    const std::string what = "the task is not small";
    if (task.workloads.size() > kMostWorkloads)
        return failure(ErrorCode::BadInput, what, fmt::format("it has {} workloads", task.workloads.size()),
                       fmt::format("At most {}", kMostWorkloads));
    for (const Workload &workload : task.workloads) {
        WW_TRY(const int64_t elements, elementsOf(task, workload));
        if (elements > kMostElements)
            return failure(
                ErrorCode::BadInput, what,
                fmt::format("its tensors have {} elements on the workload '{}'", elements, workload.name),
                fmt::format("At most {} in all", kMostElements));
    }
    return {};
}

/// What the examination holds against the task; empty where it was admitted.
std::string faultsOf(const AdmissionReport &report)
{
    std::string text;
    for (const AdmissionCheck &check : report.checks) {
        if (check.verdict == "fail")
            text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", check.name, check.detail);
    }
    if (text.empty() && !correct(report.baseline.verdict))
        text =
            fmt::format("the baseline is {}: {}", toString(report.baseline.verdict), report.baseline.message);
    return text;
}

/// The task of one answer, or what is wrong with it in `refused`.
Result<WrittenTask> taskOf(const ModelReply &reply, const TaskWritingParts &parts,
                           const std::vector<std::string> &taken, Draft &draft, const std::string &folder)
{
    const auto refused = [&draft](const std::string &why) {
        return WrittenTask {std::nullopt, draft.withoutPlace(why)};
    };
    const Result<TaskTexts> texts = readTaskReply(reply);
    if (!texts)
        return refused(texts.error().message());
    WW_CHECK(draft.write(*texts, parts.language));
    Result<Task> task = loadTask(folder, parts.language);
    if (!task)
        return refused(task.error().message());
    if (std::find(taken.begin(), taken.end(), task->name) != taken.end())
        return refused(fmt::format("there is a task '{}' already: write another one", task->name));
    if (const Status small = checkSmall(*task); !small)
        return refused(small.error().message());
    WW_TRY(const AdmissionReport report, parts.examine(*task));
    if (const std::string faults = faultsOf(report); !faults.empty())
        return refused("on the device the task did not hold: " + faults);
    return WrittenTask {std::move(*task), {}};
}

} // namespace

Result<WrittenTask> writeTask(const PromptWriter &prompts, const TaskWritingParts &parts,
                              const std::vector<std::string> &taken, const std::string &folder)
{
    Question question = prompts.newTask(parts.model, parts.language, parts.device, taken);
    Draft draft(folder);
    for (int turn = 1;; ++turn) {
        WW_TRY(const ModelReply reply, parts.ask(question.request));
        WW_TRY(WrittenTask written, taskOf(reply, parts, taken, draft, folder));
        if (written.task)
            draft.keep();
        if (written.task || turn == kTurns)
            return written;
        question = prompts.repaired(question, reply.text, written.refused);
    }
}

} // namespace ww
