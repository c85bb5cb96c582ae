// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/AdaptTasks.h"

#include "app/cli/ModelOptions.h"
#include "core/base/Hash.h"
#include "core/base/Utf8.h"
#include "core/memory/AdaptationTasks.h"
#include "core/search/TaskWriting.h"

#include <fmt/format.h>

namespace ww::cli {
namespace {

constexpr size_t kLongestReason = 400;

Result<AdmissionReport> examine(WorkerClient &worker, const Task &task, const std::stop_token &stop)
{
    AdmitRequest request;
    request.id = randomToken();
    request.nonce = randomToken();
    request.task = task;
    return worker.admit(request, {}, stop);
}

Result<ModelReply> ask(ModelClient &client, const ModelRequest &request, Money &money,
                       const std::stop_token &stop)
{
    const double most = money.price ? mostMoneyFor(request, *money.price) : 0;
    if (!money.allows(most))
        return failure(ErrorCode::BadInput, "no more tasks are written",
                       fmt::format("{:.4f} dollars are spent, and the next question might cost {:.4f}",
                                   money.spent, most),
                       "Raise --money");
    const auto reply = client.askAndWait(request, {}, stop);
    if (money.price)
        money.spent += moneyOfCall(reply, most, *money.price).value_or(0);
    if (!reply)
        return tl::make_unexpected(errorOf(reply.error()));
    return *reply;
}

} // namespace

Result<std::vector<Task>> tasksToAttempt(const AdaptTasks &chosen, const DeviceOptions &devices,
                                         const std::string &deviceKind)
{
    std::vector<Task> tasks;
    for (const std::string &name : chosen.named) {
        WW_TRY(const Task task, devices.openTask(name));
        WW_TRY(Task small, smallTask(task, deviceKind));
        tasks.push_back(std::move(small));
    }
    if (chosen.patterns) {
        WW_TRY(const std::string language, devices.language());
        WW_TRY(const std::vector<Task> patterns, patternTasks(language));
        tasks.insert(tasks.end(), patterns.begin(), patterns.end());
    }
    if (tasks.empty() && chosen.written == 0)
        return failure(ErrorCode::BadInput, "there is nothing to attempt",
                       "no task is named, none is to be written, and patterns are off",
                       "Name a task with --task, or have some written with --write");
    return tasks;
}

Result<std::vector<Task>> writtenTasks(int count, const SearchConfig &config, const DeviceOptions &devices,
                                       const std::vector<Task> &before, const std::string &folder,
                                       Money &money, std::stop_token stop)
{
    WW_TRY(const std::unique_ptr<PromptWriter> prompts, PromptWriter::load());
    WW_TRY(const ModelClientOptions options, clientOptions(config.model));
    ModelClient client(options);
    WW_TRY(const std::unique_ptr<WorkerClient> worker, devices.startOne());
    TaskWritingParts parts;
    parts.ask = [&](const ModelRequest &request) { return ask(client, request, money, stop); };
    parts.examine = [&](const Task &task) { return examine(*worker, task, stop); };
    WW_TRY(parts.language, devices.language());
    parts.device = worker->capabilities();
    parts.model = config.model;
    std::vector<std::string> taken;
    for (const Task &task : before)
        taken.push_back(task.name);
    std::vector<Task> tasks;
    for (int number = 1; number <= count; ++number) {
        WW_TRY(WrittenTask written, writeTask(*prompts, parts, taken, fmt::format("{}/{}", folder, number)));
        if (written.task) {
            say("task {} of {}: '{}', {}\n", number, count, written.task->name,
                clipped(written.task->description, kLongestReason));
            taken.push_back(written.task->name);
            tasks.push_back(std::move(*written.task));
        } else {
            say("task {} of {}: refused; {}\n", number, count, clipped(written.refused, kLongestReason));
        }
        flushOutput();
    }
    return tasks;
}

} // namespace ww::cli
