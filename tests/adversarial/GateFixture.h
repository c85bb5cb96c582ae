// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/worker/WorkerClient.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QString>
#include <QTemporaryDir>

#include <memory>
#include <stdexcept>
#include <string>

/// y = 2x + 1 on a thousand floats: small enough that only the gate's own work takes time.
inline const std::string kGateTask = R"json({
  "name": "twice-plus-one", "description": "y[i] = 2 · x[i] + 1", "tags": ["test"],
  "axes": {"N": {"type": "var", "description": "elements"}},
  "inputs": {"x": {"shape": ["N"], "dtype": "float32", "description": "numbers",
                   "fill": {"kind": "uniform", "low": -1, "high": 1}}},
  "outputs": {"y": {"shape": ["N"], "dtype": "float32", "description": "twice as large and one more"}},
  "constraints": ["N > 0"],
  "workloads": [{"name": "thousand", "axes": {"N": 1000}, "timed": true},
                {"name": "odd", "axes": {"N": 37}, "timed": false}],
  "cost": {"flops": "2 * N", "bytes": "8 * N"}
})json";

inline const std::string kGatePlan = "//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)\n";
inline const std::string kGateHead =
    kGatePlan + "__kernel void twice(__global const float *x, __global float *y, int n)\n";

/// A kernel of the task above with this body; `i` is the work-item's index.
inline std::string gateKernel(const std::string &body)
{
    return kGateHead + "{\n    const int i = get_global_id(0);\n    " + body + "\n}\n";
}

inline const std::string kGateRight = gateKernel("if (i < n) y[i] = 2.0f * x[i] + 1.0f;");

/// The real worker with the small task; one conversation for the whole test, so that every case also shows
/// whether the one before it did harm.
class Gate {
public:
    explicit Gate(std::vector<std::string> extraArguments = {}) : m_extra(std::move(extraArguments))
    {
        const auto write = [this](const char *name, const std::string &text) {
            QFile file(m_folder.filePath(QLatin1String(name)));
            if (!file.open(QIODevice::WriteOnly))
                throw std::runtime_error("cannot write the test task");
            file.write(text.data(), static_cast<qint64>(text.size()));
        };
        QDir(m_folder.path()).mkdir(QStringLiteral("variants"));
        write("task.json", kGateTask);
        write("reference.cl", kGateRight);
        write("baseline.cl", kGateRight);
        write("variants/same.cl", kGateRight);
        auto loaded = ww::loadTask(m_folder.path().toStdString());
        if (!loaded)
            throw std::runtime_error(loaded.error().message());
        m_task = std::move(*loaded);
    }

    [[nodiscard]] static bool workerIsBuilt()
    {
        return QFile::exists(QCoreApplication::applicationDirPath()
                             + QStringLiteral("/warpwright-worker-opencl"));
    }

    /// Starts the worker if there is none; an empty text means it runs.
    [[nodiscard]] std::string start()
    {
        if (m_client && m_client->alive())
            return {};
        auto spec = ww::localWorker("");
        if (!spec)
            return spec.error().message();
        spec->command.insert(spec->command.end(), m_extra.begin(), m_extra.end());
        auto client = ww::WorkerClient::start(*spec);
        if (!client)
            return client.error().message();
        m_client = std::move(*client);
        return {};
    }

    [[nodiscard]] const ww::Capabilities &capabilities() const { return m_client->capabilities(); }
    [[nodiscard]] const ww::Task &task() const { return m_task; }

    /// The candidate through all stages, with budgets short enough for tests of hangs.
    [[nodiscard]] ww::Result<ww::Evaluation> evaluate(const std::string &source,
                                                      const std::string &lastStage = {})
    {
        ww::EvaluateRequest request;
        request.id = ww::randomToken();
        request.nonce = ww::randomToken();
        request.task = m_task;
        request.candidate = {"test", source, {}};
        request.lastStage = lastStage;
        request.budgets.compileSeconds = 15;
        request.budgets.smokeSeconds = 1;
        request.budgets.correctnessSeconds = 5;
        request.budgets.timingSeconds = 2;
        return m_client->evaluate(request, {});
    }

private:
    QTemporaryDir m_folder;
    std::vector<std::string> m_extra;
    ww::Task m_task;
    std::unique_ptr<ww::WorkerClient> m_client;
};
