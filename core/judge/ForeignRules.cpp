// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/ForeignRules.h"

#include "core/base/Parallel.h"
#include "core/judge/ElementTypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

namespace ww {
namespace {

/// The tightest absolute limit of any profile: an output this close passes all of them.
constexpr double kTightest = 1e-5;
/// KernelBench calls a speed-up beyond this excessive, without failing it.
constexpr double kExcessive = 10;

double elementAt(DType type, const std::byte *data, int64_t index)
{
    if (type != DType::Float32)
        return loadElement(type, data, index);
    float value = 0;
    std::memcpy(&value, data + index * int64_t {sizeof value}, sizeof value);
    return static_cast<double>(value);
}

bool withinLimits(const ForeignRule &rule, double out, double ref)
{
    if (out == ref)
        return true;
    const double difference = std::abs(out - ref);
    if (rule.eitherSuffices)
        return difference <= rule.atol || difference <= rule.rtol * (std::abs(ref) + 1e-8);
    return difference <= rule.atol + rule.rtol * std::abs(ref);
}

double meanOf(std::span<const float> samples)
{
    double sum = 0;
    for (const float us : samples)
        sum += static_cast<double>(us);
    return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

double statistic(const ForeignRule &rule, const std::vector<float> &samples)
{
    return rule.mean ? meanOf(samples) : quantile(samples, 0.5);
}

bool isHalfWidth(DType type)
{
    return type == DType::Float16 || type == DType::BFloat16;
}

/// SOL-ExecBench's score on each workload: 0.5 at the baseline's time, 1 at the speed of light (harnesses.md,
/// 1.4).
std::string scoreText(const std::vector<PairedSamples> &samples, const std::vector<TimingRecord> &timing)
{
    std::string text;
    for (const PairedSamples &pair : samples) {
        const auto bound = std::find_if(timing.begin(), timing.end(), [&](const TimingRecord &record) {
            return record.workload == pair.workload && record.solUs > 0;
        });
        const double headroom = bound == timing.end() ? 0 : quantile(pair.baselineUs, 0.5) - bound->solUs;
        if (headroom <= 0)
            continue;
        const double above = std::max(0.0, quantile(pair.candidateUs, 0.5) - bound->solUs);
        text += fmt::format("; its score on '{}' is {:.3f}", pair.workload, 1 / (1 + above / headroom));
    }
    return text;
}

} // namespace

std::vector<ForeignRule> foreignRules(DType type)
{
    const bool lowBit = sizeOf(type) == 1;
    std::vector<ForeignRule> rules(4);
    // KernelBench: torch.allclose, 1e-4 for float32 and 1e-2 for the half-width types; means over trials.
    rules[0].profile = "kernelbench";
    rules[0].atol = rules[0].rtol = isHalfWidth(type) ? 1e-2 : 1e-4;
    rules[0].mean = true;
    // robust-kbench: 1e-5 whatever the type; means over repetitions.
    rules[1].profile = "robust-kbench";
    rules[1].atol = rules[1].rtol = kTightest;
    rules[1].mean = true;
    // FlashInfer-Bench: 1e-2, wrong only where both limits are broken; 0.95 of the elements in low-bit types.
    rules[2].profile = "flashinfer-bench";
    rules[2].atol = rules[2].rtol = 1e-2;
    rules[2].eitherSuffices = rules[2].nonFiniteFails = true;
    rules[2].matchedRatio = lowBit ? 0.95 : 1;
    // SOL-ExecBench: 1e-2 for 0.99 of the elements, no NaN or infinity, no output of zeros; medians.
    rules[3].profile = "sol-execbench";
    rules[3].atol = rules[3].rtol = 1e-2;
    rules[3].nonFiniteFails = rules[3].zerosFail = true;
    rules[3].matchedRatio = 0.99;
    return rules;
}

std::optional<std::string> refusalBy(const ForeignRule &rule, DType type, std::span<const std::byte> actual,
                                     std::span<const std::byte> expected)
{
    constexpr int64_t kShare = int64_t {1} << 17;
    if (actual.size() != expected.size())
        return "the output has another size";
    const auto count = static_cast<int64_t>(actual.size() / sizeOf(type));
    std::atomic<int64_t> wrong = 0;
    std::atomic<bool> allZero = true, referenceZero = true, notFinite = false;
    forEachBlock(count, kShare, [&](int64_t begin, int64_t end) {
        int64_t wrongHere = 0;
        bool outZero = true, refZero = true, strange = false;
        for (int64_t i = begin; i < end; ++i) {
            const double out = elementAt(type, actual.data(), i);
            const double ref = elementAt(type, expected.data(), i);
            wrongHere += withinLimits(rule, out, ref) ? 0 : 1;
            outZero = outZero && out == 0;
            refZero = refZero && ref == 0;
            strange = strange || !std::isfinite(out) || !std::isfinite(ref);
        }
        wrong += wrongHere;
        if (!outZero)
            allZero = false;
        if (!refZero)
            referenceZero = false;
        if (strange)
            notFinite = true;
    });
    if (rule.nonFiniteFails && notFinite)
        return "it holds NaN or infinity";
    if (rule.zerosFail && allZero && !referenceZero)
        return "it is all zeros";
    const double matched = count > 0 ? 1 - static_cast<double>(wrong) / static_cast<double>(count) : 1;
    if (matched < rule.matchedRatio)
        return fmt::format("{} of {} elements are outside atol {:g}, rtol {:g}", wrong.load(), count,
                           rule.atol, rule.rtol);
    return std::nullopt;
}

double foreignSpeedup(const ForeignRule &rule, const std::vector<PairedSamples> &workloads)
{
    double logSum = 0;
    int count = 0;
    for (const PairedSamples &pair : workloads) {
        const double candidate = statistic(rule, pair.candidateUs),
                     baseline = statistic(rule, pair.baselineUs);
        if (candidate <= 0 || baseline <= 0)
            continue;
        logSum += std::log(baseline / candidate);
        ++count;
    }
    return count > 0 ? std::exp(logSum / count) : 0;
}

void ForeignJudges::see(const std::string &workload, const TensorSpec &output,
                        std::span<const std::byte> actual, std::span<const std::byte> expected,
                        const Comparison &found)
{
    Seen &seen = m_seen[fmt::format("'{}' on '{}'", output.name, workload)];
    seen = {output.dtype, {}};
    if (!found.notFinite && !found.allZero && found.maxAbs <= kTightest && actual.size() == expected.size())
        return;
    for (const ForeignRule &rule : foreignRules(output.dtype)) {
        if (std::optional<std::string> refusal = refusalBy(rule, output.dtype, actual, expected))
            seen.refusals[rule.profile] = std::move(*refusal);
    }
}

std::vector<ForeignRecord> ForeignJudges::records(const std::vector<PairedSamples> &samples,
                                                  const std::vector<TimingRecord> &timing) const
{
    std::vector<ForeignRecord> records;
    if (m_seen.empty())
        return records;
    for (const ForeignRule &rule : foreignRules(m_seen.begin()->second.type)) {
        ForeignRecord record;
        record.profile = rule.profile;
        record.verdict = "CORRECT";
        record.reason = fmt::format("{} outputs within its limits", m_seen.size());
        for (const auto &[place, seen] : m_seen) {
            const auto refusal = seen.refusals.find(rule.profile);
            if (refusal == seen.refusals.end())
                continue;
            record.verdict = "INCORRECT";
            record.reason = fmt::format("{}: {}", place, refusal->second);
            break;
        }
        // Those harnesses time only what they take for correct.
        if (record.verdict == "CORRECT")
            record.speedup = foreignSpeedup(rule, samples);
        if (rule.profile == "kernelbench" && record.speedup > kExcessive)
            record.reason += "; it flags a speed-up beyond 10× as excessive";
        if (rule.profile == "sol-execbench" && record.speedup > 0)
            record.reason += scoreText(samples, timing);
        records.push_back(std::move(record));
    }
    return records;
}

} // namespace ww
