// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/CompileCheck.h"

#include "core/worker/WorkerClient.h"

#include "widgets/bridge/Views.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace ww::ui {

namespace {

constexpr double kStartSeconds = 30; // of a worker

struct Job {
    int number = 0;
    std::shared_ptr<const Task> task;
    std::string device;
    QString source;
    QMap<QString, qint64> parameters;
};

/// A worker of its own on a thread of its own: a worker ends with the thread that started it.
class CompilerThread {
public:
    [[nodiscard]] Result<Evaluation> compile(const Job &job, const std::stop_token &stop)
    {
        if (!m_worker || !m_worker->alive() || m_device != job.device) {
            m_worker.reset();
            WW_TRY(const WorkerSpec spec, localWorker(job.device));
            WW_TRY(m_worker, WorkerClient::start(spec, kStartSeconds, stop));
            m_device = job.device;
        }
        EvaluateRequest request;
        request.id = fmt::format("check-{}", job.number);
        request.nonce = request.id;
        request.task = *job.task;
        request.candidate = {"draft", job.source.toStdString(), {}};
        for (auto it = job.parameters.cbegin(); it != job.parameters.cend(); ++it)
            request.candidate.parameters[it.key().toStdString()] = it.value();
        request.lastStage = "compile";
        request.code = job.task->language == "cuda";
        return m_worker->evaluate(request, {}, stop);
    }

private:
    std::unique_ptr<WorkerClient> m_worker;
    std::string m_device;
};

CheckView viewOf(const Job &job, const Result<Evaluation> &result)
{
    CheckView view;
    view.source = job.source;
    view.parameters = job.parameters;
    if (!result) {
        view.problem = text(result.error().why.empty() ? result.error().what : result.error().why);
        return view;
    }
    const EvaluationView evaluation = evaluationView(*result);
    view.compiled = result->verdict == Verdict::Passed;
    view.message = evaluation.message;
    view.diagnostics = evaluation.diagnostics;
    view.resources = evaluation.resources;
    view.ms = evaluation.wallMs;
    if (!result->code)
        return view;
    const auto lines = [](const std::vector<CodeLine> &from) {
        QList<CodeLineView> views;
        for (const CodeLine &line : from)
            views.append({text(line.text), line.sourceLine});
        return views;
    };
    view.ptx = lines(result->code->ptx);
    view.sass = lines(result->code->sass);
    view.codeProblem = text(result->code->sassProblem);
    for (const std::string &finding : result->code->findings)
        view.findings.append(text(finding));
    return view;
}

} // namespace

struct CompileCheck::Private {
    Private(QObject *owner, std::function<void(const CheckView &)> told)
        : context(owner), answer(std::move(told)), thread([this](const std::stop_token &stop) { run(stop); })
    {
    }

    QObject *context;
    std::function<void(const CheckView &)> answer;
    int newest = 0; ///< number of the last source given; of the context's thread alone
    std::mutex mutex;
    std::condition_variable_any wake;
    std::optional<Job> next;
    std::stop_source current;
    std::shared_ptr<int> alive = std::make_shared<int>(0); ///< gone with this object
    std::jthread thread; ///< last: joined before anything it uses goes

    void run(const std::stop_token &stop);
    void tell(int number, CheckView view);
};

void CompileCheck::Private::run(const std::stop_token &stop)
{
    CompilerThread compiler;
    while (true) {
        Job job;
        std::stop_token cancelled;
        {
            std::unique_lock lock(mutex);
            if (!wake.wait(lock, stop, [this] { return next.has_value(); }))
                return;
            job = std::move(*next);
            next.reset();
            current = std::stop_source();
            cancelled = current.get_token();
        }
        const std::stop_callback atEnd(stop, [this] {
            const std::lock_guard lock(mutex);
            current.request_stop();
        });
        const Result<Evaluation> result = compiler.compile(job, cancelled);
        if (result || result.error().code != ErrorCode::Cancelled)
            tell(job.number, viewOf(job, result));
    }
}

void CompileCheck::Private::tell(int number, CheckView view)
{
    QMetaObject::invokeMethod(
        context,
        [this, guard = std::weak_ptr<int>(alive), number, view = std::move(view)] {
            if (guard.lock() && number == newest)
                answer(view);
        },
        Qt::QueuedConnection);
}

CompileCheck::CompileCheck(QObject *context, std::function<void(const CheckView &)> answer)
    : d(std::make_unique<Private>(context, std::move(answer)))
{
}

CompileCheck::~CompileCheck() = default;

void CompileCheck::check(std::shared_ptr<const Task> task, const std::string &device, const QString &source,
                         const QMap<QString, qint64> &parameters)
{
    const std::lock_guard lock(d->mutex);
    d->next = Job {++d->newest, std::move(task), device, source, parameters};
    d->current.request_stop();
    d->wake.notify_one();
}

} // namespace ww::ui
