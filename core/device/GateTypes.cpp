// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/GateTypes.h"

#include <fmt/format.h>

#include <csignal>

namespace ww {
namespace {

const char *nameOf(Party party)
{
    switch (party) {
    case Party::Candidate: return "the kernel";
    case Party::Baseline: return "the baseline";
    case Party::Reference: return "the reference";
    }
    return "the kernel";
}

/// The verdict on the candidate, or that the task itself is broken.
Verdict blamed(Party party, Verdict verdict)
{
    return party == Party::Candidate || verdict == Verdict::InfraError ? verdict : Verdict::InvalidReference;
}

/// True for an end that memory damaged by an earlier candidate can bring about. A forbidden system call or
/// an exit is the kernel's own doing.
bool mayBeInherited(int status)
{
    const int signal = status - 128;
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGILL;
}

Verdict verdictOf(const CallFailure &failed)
{
    using Kind = CallFailure::Kind;
    switch (failed.kind) {
    case Kind::Timeout: return Verdict::Timeout;
    case Kind::Died:
        if (failed.detail.find("out of memory") != std::string::npos
            || failed.detail.find("bad_alloc") != std::string::npos)
            return Verdict::ResourceLimit;
        // While nothing of the kernel runs only the compiler can have died of it.
        return failed.running ? Verdict::RuntimeError : Verdict::CompileError;
    case Kind::Memory:
    case Kind::Disk: return Verdict::ResourceLimit;
    case Kind::Processes:
    case Kind::Broken: return Verdict::RuntimeError;
    case Kind::Cancelled: return Verdict::InfraError;
    }
    return Verdict::InfraError;
}

} // namespace

tl::unexpected<Stop> stop(Verdict verdict, std::string message)
{
    Stop end;
    end.verdict = verdict;
    end.message = std::move(message);
    return tl::make_unexpected(std::move(end));
}

tl::unexpected<Stop> stop(const Error &error)
{
    Stop end;
    end.verdict = Verdict::InfraError;
    end.message = error.message();
    end.cancelled = error.code == ErrorCode::Cancelled;
    return tl::make_unexpected(std::move(end));
}

Stop stopOf(const CallFailure &failed, Party party, const std::string &doing)
{
    using Kind = CallFailure::Kind;
    Stop end;
    end.verdict = blamed(party, verdictOf(failed));
    end.cancelled = failed.kind == Kind::Cancelled;
    end.runnerDied =
        failed.kind == Kind::Broken || (failed.kind == Kind::Died && mayBeInherited(failed.status));
    const std::string who = failed.running ? nameOf(party) : fmt::format("compiling {}", nameOf(party));
    switch (failed.kind) {
    case Kind::Timeout:
        end.message = fmt::format("{} {} took {} and was stopped", who, doing, failed.detail);
        if (failed.running)
            end.message += ": look for a loop or a barrier that never ends";
        break;
    case Kind::Died: end.message = fmt::format("{} crashed {}: {}", who, doing, failed.detail); break;
    case Kind::Broken:
        end.message = fmt::format("{} {} damaged the process it ran in: {}", who, doing, failed.detail);
        break;
    default: end.message = fmt::format("{} {} was stopped: {}", who, doing, failed.detail); break;
    }
    return end;
}

Stop stopOf(Problem problem, const std::string &message, Party party, const std::string &doing)
{
    Stop end;
    Verdict verdict = Verdict::InfraError;
    switch (problem) {
    case Problem::Source:
    case Problem::Plan: verdict = Verdict::CompileError; break;
    case Problem::Resource: verdict = Verdict::ResourceLimit; break;
    case Problem::Runtime: verdict = Verdict::RuntimeError; break;
    case Problem::None:
    case Problem::Device: break;
    }
    end.verdict = blamed(party, verdict);
    end.message = party == Party::Candidate ? fmt::format("{}: {}", doing, message)
                                            : fmt::format("{}, {}: {}", nameOf(party), doing, message);
    return end;
}

void GateCase::addCost(const char *name, std::chrono::steady_clock::time_point start)
{
    evaluation.costsMs[name] +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::vector<const Workload *> GateCase::everyShape() const
{
    std::vector<const Workload *> all = workloads;
    for (const Workload &shape : hidden)
        all.push_back(&shape);
    return all;
}

StageClock::StageClock(GateCase &gate, std::string name) : m_gate(gate), m_name(std::move(name))
{
    if (m_gate.listener.onStage)
        m_gate.listener.onStage({m_name, "running", 0, {}});
}

double StageClock::seconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
}

void StageClock::finish(const char *status, std::string detail)
{
    StageRecord record {m_name, status, seconds() * 1e3, std::move(detail)};
    if (m_gate.listener.onStage)
        m_gate.listener.onStage(record);
    m_gate.evaluation.stages.push_back(std::move(record));
}

void StageClock::done(std::string detail)
{
    finish("ok", std::move(detail));
}

void StageClock::skipped(std::string detail)
{
    finish("skipped", std::move(detail));
}

void StageClock::failed(std::string detail)
{
    finish("failed", std::move(detail));
}

} // namespace ww
