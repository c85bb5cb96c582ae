// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/RunnerPool.h"

#include <fmt/format.h>

#include <array>

namespace ww {
namespace {

constexpr int kCandidatesPerRunner = 200;

} // namespace

Result<std::unique_ptr<ChildProcess>> RunnerPool::start(ChildRole role) const
{
    // A compiler that needs no device is not shown any: its walls are then as tight as a CPU's.
    const bool sees = m_device.isGpu() && (role != ChildRole::Compiler || !m_device.compilesAlone());
    return ChildProcess::start(m_sandbox, role, m_device.address, sees);
}

Result<ChildProcess *> RunnerPool::warm(std::unique_ptr<ChildProcess> &child, ChildRole role,
                                        const Cancellation &cancellation) const
{
    if (!child || !child->alive()) {
        WW_TRY(child, start(role));
    }
    WW_CHECK(child->waitWarm(kChildStartSeconds, cancellation));
    return child.get();
}

Result<ChildProcess *> RunnerPool::compiler(const Cancellation &cancellation)
{
    return warm(m_compiler, ChildRole::Compiler, cancellation);
}

Result<ChildProcess *> RunnerPool::referenceRunner(const Cancellation &cancellation)
{
    return warm(m_reference, ChildRole::Runner, cancellation);
}

Result<ChildProcess *> RunnerPool::profileRunner(const Cancellation &cancellation)
{
    return warm(m_profiler, ChildRole::Runner, cancellation);
}

Result<ChildProcess *> RunnerPool::candidateRunner(const Cancellation &cancellation)
{
    if (!m_current.child || !m_current.child->alive())
        m_current = std::exchange(m_spare, Runner {});
    return warm(m_current.child, ChildRole::Runner, cancellation);
}

void RunnerPool::parkCandidateRunner()
{
    m_parked = std::exchange(m_current, Runner {});
}

void RunnerPool::unparkCandidateRunner()
{
    m_current = std::exchange(m_parked, Runner {});
}

void RunnerPool::discardCandidateRunner()
{
    m_current = Runner {};
}

std::map<std::string, double> RunnerPool::takeSpent()
{
    std::map<std::string, double> spent;
    for (const auto &[who, child] :
         {std::pair("compiler", m_compiler.get()), std::pair("runner", m_current.child.get()),
          std::pair("reference runner", m_reference.get())}) {
        for (const auto &[doing, ms] : child ? child->takeSpent() : std::map<std::string, double> {})
            spent[fmt::format("{}: {}", who, doing)] += ms;
    }
    return spent;
}

void RunnerPool::scrub()
{
    if (m_current.child)
        m_current.child->scrubReturned();
}

void RunnerPool::retireWorn(uint64_t boundBytes)
{
    // A runner keeps its last buffers and their shared copies, and the memory that flushes the cache.
    const auto worn = [&](const std::unique_ptr<ChildProcess> &child) {
        return child && child->alive() && child->isWorn(4 * boundBytes);
    };
    if (m_current.served >= kCandidatesPerRunner || worn(m_current.child))
        discardCandidateRunner();
    for (std::unique_ptr<ChildProcess> *child : {&m_compiler, &m_reference, &m_profiler}) {
        if (worn(*child))
            child->reset();
    }
}

void RunnerPool::startMissing()
{
    const auto need = [this](std::unique_ptr<ChildProcess> &child, ChildRole role) {
        if (child && (child->isWarm() || child->alive()))
            return;
        // A failure shows, with its reason, where the child is needed.
        if (auto started = start(role))
            child = std::move(*started);
    };
    need(m_compiler, ChildRole::Compiler);
    if (m_device.compilesOnly())
        return;
    if (!m_current.child || !m_current.child->alive())
        m_current = std::exchange(m_spare, Runner {});
    need(m_current.child, ChildRole::Runner);
    need(m_reference, ChildRole::Runner);
    need(m_spare.child, ChildRole::Runner);
}

void RunnerPool::settle(const Cancellation &cancellation)
{
    for (ChildProcess *child :
         {m_compiler.get(), m_current.child.get(), m_reference.get(), m_spare.child.get()}) {
        if (child && child->alive()) {
            [[maybe_unused]] const Status warm = child->waitWarm(kChildStartSeconds, cancellation);
        }
    }
}

bool RunnerPool::complete()
{
    if (m_device.compilesOnly())
        return m_compiler && m_compiler->isWarm();
    for (ChildProcess *child :
         {m_compiler.get(), m_current.child.get(), m_reference.get(), m_spare.child.get()}) {
        if (!child || !child->isWarm())
            return false;
    }
    return true;
}

} // namespace ww
