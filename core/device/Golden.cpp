// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Golden.h"

#include "core/base/Random.h"
#include "core/judge/Statistics.h"

#include <algorithm>
#include <cmath>

namespace ww {
namespace {

constexpr double kGoldenSeconds = 5;
constexpr int kNoiseRuns = 40;
constexpr int kHalvings = 200;

double figure(const RunReply &reply, const char *name)
{
    const auto found = reply.figures.find(name);
    return found == reply.figures.end() ? 0 : found->second;
}

double change(double before, double after)
{
    return before > 0 && after > 0 ? std::abs(after / before - 1) : 0;
}

} // namespace

Outcome<GoldenTimes> runGolden(ChildProcess &runner, const Cancellation &cancellation)
{
    const auto reply = runner.call(GoldenRequest {}, {}, {kGoldenSeconds, kGoldenSeconds}, cancellation);
    if (!reply)
        return tl::make_unexpected(stopOf(reply.error(), Party::Candidate, "before the golden kernels"));
    const auto *run = std::get_if<RunReply>(&*reply);
    if (!run || run->problem != Problem::None)
        return stop(Verdict::InfraError,
                    "the golden kernels cannot be run: " + (run ? run->message : "another answer"));
    return GoldenTimes {figure(*run, "read_us"), figure(*run, "fma_us"), figure(*run, "wrong") != 0};
}

double driftBetween(const GoldenTimes &before, const GoldenTimes &after)
{
    return std::max(change(before.readUs, after.readUs), change(before.fmaUs, after.fmaUs));
}

double noiseFloorOf(const std::vector<float> &us, uint64_t seed)
{
    constexpr size_t kLeast = 4;
    if (us.size() < kLeast)
        return 0;
    RandomStream random(seed, us.size());
    std::vector<float> shuffled = us;
    std::vector<float> differences;
    for (int i = 0; i < kHalvings; ++i) {
        for (size_t at = shuffled.size(); at > 1; --at)
            std::swap(shuffled[at - 1], shuffled[random.below(static_cast<uint32_t>(at))]);
        const auto half = std::span<const float>(shuffled);
        const double a = quantile(half.first(half.size() / 2), 0.5);
        const double b = quantile(half.subspan(half.size() / 2), 0.5);
        differences.push_back(static_cast<float>(change(a, b)));
    }
    return quantile(differences, 0.95);
}

double measureNoiseFloor(Bench &bench, const Cancellation &cancellation)
{
    const Result<ChildProcess *> runner = bench.runners.referenceRunner(cancellation);
    if (!runner)
        return 0;
    std::vector<float> read, fma;
    for (int i = 0; i < kNoiseRuns; ++i) {
        const Outcome<GoldenTimes> times = runGolden(**runner, cancellation);
        if (!times)
            return 0;
        read.push_back(static_cast<float>(times->readUs));
        fma.push_back(static_cast<float>(times->fmaUs));
    }
    return std::max(noiseFloorOf(read, 1), noiseFloorOf(fma, 2));
}

} // namespace ww
