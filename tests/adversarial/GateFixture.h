// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/worker/WorkerClient.h"

#include <QCoreApplication>
#include <QFile>
#include <QString>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

/// The folder of the suite's own tasks.
inline const std::string kSuiteTasks = WW_SOURCE_DIR "/tests/adversarial/tasks";

inline const std::string kGatePlan = "//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)\n";
inline const std::string kGateHead =
    kGatePlan + "__kernel void twice(__global const float *x, __global float *y, int n)\n";

/// A kernel of the task "affine" with this body; `i` is the work-item's index.
inline std::string gateKernel(const std::string &body)
{
    return kGateHead + "{\n    const int i = get_global_id(0);\n    " + body + "\n}\n";
}

inline const std::string kGateRight = gateKernel("if (i < n) y[i] = 2.0f * x[i] + 1.0f;");

/// The real worker of a device and the suite's tasks; one conversation for the whole test, so that every case
/// also shows whether the one before it did harm.
class Gate {
public:
    /// `device` is "" for the default OpenCL device, else a spec such as "cuda:0".
    explicit Gate(std::vector<std::string> extraArguments = {}, std::string device = {})
        : m_extra(std::move(extraArguments)), m_device(std::move(device))
    {
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
        auto spec = ww::localWorker(m_device);
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

    /// One of the suite's tasks, in the device's language.
    [[nodiscard]] const ww::Task &task(const std::string &name)
    {
        auto known = m_tasks.find(name);
        if (known == m_tasks.end()) {
            auto loaded =
                ww::loadTask(kSuiteTasks + "/" + name, m_device.starts_with("cuda") ? "cuda" : "opencl");
            if (!loaded)
                throw std::runtime_error(loaded.error().message());
            known = m_tasks.emplace(name, std::move(*loaded)).first;
        }
        return known->second;
    }

    /// The candidate through all stages, with budgets short enough for tests of hangs.
    [[nodiscard]] ww::Result<ww::Evaluation> evaluate(const std::string &source,
                                                      const std::string &lastStage = {},
                                                      const std::string &taskName = "affine")
    {
        ww::EvaluateRequest request;
        request.id = ww::randomToken();
        request.nonce = ww::randomToken();
        request.task = task(taskName);
        request.candidate = {"test", source, {}};
        request.lastStage = lastStage;
        request.budgets.compileSeconds = 15;
        request.budgets.smokeSeconds = 1;
        request.budgets.correctnessSeconds = 5;
        request.budgets.timingSeconds = 2;
        return m_client->evaluate(request, {});
    }

    /// What the worker finds when it examines a task.
    [[nodiscard]] ww::Result<ww::AdmissionReport> admit(const ww::Task &task)
    {
        ww::AdmitRequest request;
        request.id = ww::randomToken();
        request.nonce = ww::randomToken();
        request.task = task;
        request.budgets.timingSeconds = 2;
        return m_client->admit(request, {});
    }

private:
    std::vector<std::string> m_extra;
    std::string m_device;
    std::map<std::string, ww::Task> m_tasks;
    std::unique_ptr<ww::WorkerClient> m_client;
};
