// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "app/cli/ModelOptions.h"
#include "core/base/Paths.h"
#include "core/base/Subprocess.h"
#include "core/base/Version.h"
#include "core/model/EndpointCheck.h"
#include "core/worker/MessagesJson.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

#include <poll.h>
#include <unistd.h>

namespace ww::cli {
namespace {

/// One thing looked at: what was found, or what is missing and how to get it.
struct Finding {
    std::string name;
    std::string status; ///< "ok" | "missing" | "limited"
    std::string detail;
    std::string remedy;
};

struct Diagnosis {
    std::vector<Finding> findings;
    std::vector<Capabilities> devices;
};

constexpr double kListSeconds = 30;

/// What the program prints until it ends, or what it had printed when the time was up.
Result<std::string> outputOf(const std::vector<std::string> &command, double seconds)
{
    SpawnOptions options;
    options.command = command;
    WW_TRY(Subprocess child, Subprocess::spawn(options));
    child.closeStdin();
    std::string text;
    char buffer[4096];
    const double step = 0.1;
    for (double waited = 0; waited < seconds;) {
        pollfd fd {child.stdoutFd(), POLLIN, 0};
        if (::poll(&fd, 1, static_cast<int>(step * 1000)) <= 0) {
            waited += step;
            continue;
        }
        const ssize_t count = ::read(child.stdoutFd(), buffer, sizeof buffer);
        if (count <= 0)
            return text;
        text.append(buffer, static_cast<size_t>(count));
    }
    return failure(ErrorCode::Timeout, "cannot list devices",
                   fmt::format("{} did not end in {} s", command.front(), seconds),
                   "A broken OpenCL driver can hang here: look at /etc/OpenCL/vendors");
}

Finding deviceFinding(const Capabilities &device)
{
    return {device.spec, "ok",
            fmt::format("{} ({}, {} compute units, {}, {})", device.device, device.deviceKind,
                        device.computeUnits, device.platform, device.driver),
            ""};
}

/// What the device has been measured to reach, and how far a kernel differs from itself on it.
Finding measuredFinding(const Capabilities &device)
{
    if (device.peaks.empty())
        return {"measured " + device.spec, "limited", "nothing has been measured yet",
                "The first evaluation measures it: warpwright-cli evaluate …"};
    std::string text;
    for (const auto &[name, value] : device.peaks)
        text += fmt::format("{} {:.1f}, ", name, value);
    return {"measured " + device.spec, "ok",
            text
                + (device.noiseFloor > 0 ? fmt::format("noise floor {:.2f} %", device.noiseFloor * 100)
                                         : "noise floor not measured"),
            ""};
}

/// Whether the driver gives its counters to this user shows at the first profile.
Finding countersFinding(const Capabilities &device)
{
    if (device.counters.empty() || device.counters == "none")
        return {"counters " + device.spec, "missing", "there is no CUPTI, so that nothing can be profiled",
                "Install the CUDA Toolkit's CUPTI (cuda-cupti-13-0) where the worker runs"};
    return {"counters " + device.spec, "ok", device.counters + ": evaluate --profile reads them", ""};
}

Finding sandboxFinding(const Capabilities &device)
{
    const bool none = device.sandbox == "none" || device.sandbox.empty();
    return {"sandbox",
            none                             ? "missing"
                : device.sandboxNote.empty() ? "ok"
                                             : "limited",
            none ? "no sandbox works here" : device.sandbox, device.sandboxNote};
}

/// What the worker of a backend lists; why it lists nothing is a finding.
std::vector<Capabilities> devicesOf(const std::string &backend, Diagnosis &diagnosis)
{
    std::vector<Capabilities> devices;
    const auto missing = [&](const std::string &why, const std::string &remedy) {
        diagnosis.findings.push_back({backend + " worker", "missing", why, remedy});
    };
    const Result<WorkerSpec> worker = localWorker(backend);
    if (!worker) {
        missing(worker.error().why, worker.error().remedy);
        return devices;
    }
    const Result<std::string> text = outputOf({worker->command.front(), "--list"}, kListSeconds);
    if (!text) {
        missing(text.error().why, text.error().remedy);
        return devices;
    }
    LineBuffer lines(kMaxLineBytes);
    if (const Status added = lines.add(*text); !added) {
        missing(added.error().message(), "");
        return devices;
    }
    while (const auto line = lines.next()) {
        const Result<FromWorker> message = parseFromWorker(*line);
        if (!message)
            missing(message.error().message(), "");
        else if (const auto *device = std::get_if<Capabilities>(&*message))
            devices.push_back(*device);
        else if (const auto *error = std::get_if<ErrorMessage>(&*message))
            missing(error->message, "");
    }
    return devices;
}

void listOpenCl(Diagnosis &diagnosis)
{
    const std::vector<Capabilities> devices = devicesOf("opencl", diagnosis);
    for (const Capabilities &device : devices) {
        diagnosis.findings.push_back(deviceFinding(device));
        diagnosis.findings.push_back(measuredFinding(device));
    }
    if (devices.empty())
        diagnosis.findings.push_back({"opencl devices", "missing", "no OpenCL device was found",
                                      "Install the CPU device: apt-get install pocl-opencl-icd"});
    else
        diagnosis.findings.push_back(sandboxFinding(devices.front()));
    diagnosis.devices.insert(diagnosis.devices.end(), devices.begin(), devices.end());
}

/// CUDA is optional: what is missing of it is said, and is no fault where there is another device.
void listCuda(Diagnosis &diagnosis)
{
    std::string targets, compiler, why;
    bool found = false;
    for (const Capabilities &device : devicesOf("cuda", diagnosis)) {
        if (device.deviceKind == "compiler") {
            targets += (targets.empty() ? "" : " ") + device.spec;
            compiler = device.toolchain;
            why = device.driver;
            continue;
        }
        found = true;
        diagnosis.findings.push_back(deviceFinding(device));
        diagnosis.findings.push_back(measuredFinding(device));
        diagnosis.findings.push_back(sandboxFinding(device));
        diagnosis.findings.push_back(countersFinding(device));
        diagnosis.devices.push_back(device);
    }
    if (!targets.empty())
        diagnosis.findings.push_back({"cuda compiler", "ok", fmt::format("{}: {}", compiler, targets), ""});
    if (!found && !why.empty())
        diagnosis.findings.push_back({"cuda devices", "missing", why, ""});
}

void lookForTasks(Diagnosis &diagnosis)
{
    const Result<std::string> kernels = kernelsDirectory();
    diagnosis.findings.push_back(
        kernels ? Finding {"tasks", "ok", *kernels, ""}
                : Finding {"tasks", "missing", kernels.error().why, kernels.error().remedy});
    const Result<std::string> data = dataDirectory();
    diagnosis.findings.push_back(
        data ? Finding {"session folder", "ok", *data + "/sessions", ""}
             : Finding {"session folder", "missing", data.error().why, data.error().remedy});
}

/// Asks the endpoint for one word.
Finding endpointFinding(const Result<ModelSettings> &model)
{
    const char *name = "model endpoint";
    if (!model)
        return {name, "missing", model.error().message(), ""};
    if (model->endpoint.url.empty() || model->model.empty())
        return {
            name, "missing", "none is named: searches propose from the task's catalogue",
            "Name one with --endpoint and --model, or set WARPWRIGHT_MODEL_ENDPOINT and WARPWRIGHT_MODEL"};
    const Result<ModelClientOptions> options = clientOptions(*model);
    if (!options)
        return {name, "missing", options.error().message(), ""};
    const Result<EndpointCheck> check = checkAnswers(*options, model->model);
    if (!check)
        return {name, "missing", fmt::format("{}: {}", model->endpoint.url, check.error().why),
                check.error().remedy};
    return {name, "ok",
            fmt::format("{}, model {}: first text after {:.2f} s, {:.2f} s in all", model->endpoint.url,
                        check->model, check->firstTextSeconds, check->seconds),
            ""};
}

int doctorCommand(bool json, const Result<ModelSettings> &model)
{
    Diagnosis diagnosis;
    listOpenCl(diagnosis);
    listCuda(diagnosis);
    diagnosis.findings.push_back(endpointFinding(model));
    lookForTasks(diagnosis);
    if (json) {
        nlohmann::json findings = nlohmann::json::array();
        for (const Finding &finding : diagnosis.findings)
            findings.push_back({{"name", finding.name},
                                {"status", finding.status},
                                {"detail", finding.detail},
                                {"remedy", finding.remedy}});
        nlohmann::json devices = nlohmann::json::array();
        for (const Capabilities &device : diagnosis.devices)
            devices.push_back({{"spec", device.spec},
                               {"device", device.device},
                               {"kind", device.deviceKind},
                               {"platform", device.platform},
                               {"driver", device.driver},
                               {"toolchain", device.toolchain},
                               {"compute_units", device.computeUnits},
                               {"peaks", device.peaks},
                               {"noise_floor", device.noiseFloor},
                               {"sandbox", device.sandbox},
                               {"sandbox_note", device.sandboxNote}});
        sayJson({{"program", kProgramVersion}, {"findings", findings}, {"devices", devices}});
    } else {
        say("{}\n", kProgramVersion);
        for (const Finding &finding : diagnosis.findings) {
            say("{:<8} {:<16} {}\n", finding.status, finding.name, finding.detail);
            if (!finding.remedy.empty())
                say("{:<8} {:<16} → {}\n", "", "", finding.remedy);
        }
    }
    return diagnosis.devices.empty() ? kInfrastructure : kDone;
}

} // namespace

void addDoctor(CLI::App &app, int &status)
{
    const auto json = std::make_shared<bool>(false);
    CLI::App *command = app.add_subcommand("doctor", "What is here, what is missing, how to get it");
    command->add_flag("--json", *json, "Print one JSON document");
    const auto model = std::make_shared<ModelOptions>();
    model->addTo(*command, false);
    command->callback(
        [json, model, command, &status] { status = doctorCommand(*json, model->chosen(*command)); });
}

} // namespace ww::cli
