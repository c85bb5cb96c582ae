// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <fmt/format.h>

#include <memory>
#include <string>

/// A task, candidates and evidence records for tests of search and journal. The kernels are our own and
/// trivial; they are parsed for their plans and never run.
namespace ww::fixtures {

inline std::string kernelText(const std::string &name, const std::string &tunables)
{
    return fmt::format("{}//@ launch {} grid(ceil_div(N, 64)) block(64) args(x, y, N)\n"
                       "__kernel void {}(__global const float *x, __global float *y, int n)\n"
                       "{{ int i = get_global_id(0); if (i < n) y[i] = 2.0f * x[i]; }}\n",
                       tunables, name, name);
}

inline TensorSpec vectorSpec(const std::string &name)
{
    TensorSpec spec;
    spec.name = name;
    spec.shape = {*Expression::parse("N")};
    return spec;
}

/// y = 2·x with three variants: 1, 6 and 12 parameter sets, of the last of which 4 break its requirement.
inline Task doubling()
{
    Task task;
    task.name = "doubling";
    task.description = "y = 2·x";
    task.axes = {{"N", "elements", std::nullopt}};
    task.inputs = {vectorSpec("x")};
    task.outputs = {vectorSpec("y")};
    task.workloads = {{"small", {{"N", 64}}, {}, true, {}}, {"odd", {{"N", 65}}, {}, false, {}}};
    task.cost = {*Expression::parse("N"), *Expression::parse("8 * N")};
    task.reference = {"reference", "", kernelText("reference", "")};
    task.baseline = {"baseline", "", kernelText("baseline", "")};
    task.variants = {
        {"plain", "", kernelText("plain", "")},
        {"vectors", "", kernelText("vectors", "//@ tune VEC = 1, 2, 4\n//@ tune UNROLL = 1, 2\n")},
        {"tiles", "",
         kernelText("tiles",
                    "//@ tune TILE = 8, 16, 32, 64\n//@ tune WORK = 1, 2, 4\n"
                    "//@ require TILE * WORK <= 64\n")},
    };
    task.hash = std::string(64, 'a');
    return task;
}

/// Parameter sets of doubling() that meet its requirements, over all variants.
constexpr int kDoublingSets = 1 + 6 + 9;

inline SpeedupRecord speedup(double ratio)
{
    SpeedupRecord record;
    record.baseline = "baseline";
    record.ratio = ratio;
    record.ci95Low = ratio * 0.98;
    record.ci95High = ratio * 1.02;
    record.verdict = record.ci95Low > 1 ? "FASTER" : record.ci95High < 1 ? "SLOWER" : "AMBIGUOUS";
    record.workloads = {{"small", ratio, ratio * 0.98, ratio * 1.02, 100.0, 100.0 / ratio}};
    return record;
}

/// A record of a candidate that passed, with raw samples.
inline Evaluation passed(double ratio, int samples = 8)
{
    Evaluation evaluation;
    evaluation.verdict = Verdict::Passed;
    evaluation.stages = {{"compile", "ok", 12.5, ""}, {"timing", "ok", 80, "8 samples"}};
    TimingRecord timing;
    timing.workload = "small";
    timing.n = samples;
    timing.medianUs = 100 / ratio;
    timing.ci95LowUs = 0.98 * timing.medianUs;
    timing.ci95HighUs = 1.02 * timing.medianUs;
    timing.p10Us = timing.p90Us = timing.minUs = timing.medianUs;
    for (int i = 0; i < samples; ++i)
        timing.samplesUs.push_back(static_cast<float>(timing.medianUs) + 0.25f * static_cast<float>(i));
    evaluation.timing = {timing};
    evaluation.speedup = speedup(ratio);
    evaluation.environment = {{"device", "scripted"}};
    evaluation.wallMs = 92.5;
    return evaluation;
}

inline Evaluation failed(Verdict verdict, const std::string &message = "made to fail")
{
    Evaluation evaluation;
    evaluation.verdict = verdict;
    evaluation.message = message;
    evaluation.stages = {{"compile", "failed", 3, message}};
    evaluation.buildLog = "log of " + message;
    return evaluation;
}

inline SessionCreated created(const SearchConfig &config = {}, const std::string &origin = "search")
{
    return {"0123456789abcdef", origin, "warpwright test", std::make_shared<const Task>(doubling()), config};
}

inline CandidateProposed proposed(CandidateId id, CandidateId parent, int step, MoveKind kind,
                                  const std::string &title = "candidate")
{
    CandidateProposed event;
    event.step = step;
    event.move.kind = event.candidate.kind = kind;
    event.move.parent = event.candidate.parent = parent;
    if (parent != 0)
        event.move.context = event.candidate.lineage = {{parent, LineageRole::Parent}};
    event.candidate.id = id;
    event.candidate.origin = "catalogue";
    event.candidate.title = title;
    event.candidate.source = kernelText("k" + std::to_string(id % 50), "//@ tune VEC = 1, 2, 4\n");
    event.candidate.parameters = {{"VEC", 1 << (id % 3)}};
    return event;
}

/// Numbers events and applies them, as a journal would.
class SessionMaker {
public:
    Status add(EventBody body) { return add(1000.0 + static_cast<double>(session.lastSeq), std::move(body)); }
    Status add(double time, EventBody body)
    {
        return session.apply({session.lastSeq + 1, time, std::move(body)});
    }
    Session session;
};

} // namespace ww::fixtures
