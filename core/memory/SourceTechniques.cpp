// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/SourceTechniques.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace ww {
namespace {

struct Mark {
    const char *technique;
    std::vector<std::string_view> words; ///< whole ones, or with * for any end
};

const std::vector<Mark> &marks()
{
    static const std::vector<Mark> kMarks {
        {"vector loads",
         {"vload*", "vstore*", "float2", "float4", "float8", "float16", "int4", "uint4", "half2", "__half2"}},
        {"local memory", {"__local", "local", "__shared__"}},
        {"unrolled loops", {"unroll", "opencl_unroll_hint"}},
        {"warp shuffles", {"__shfl*"}},
        {"sub-groups", {"sub_group*"}},
        {"tensor cores", {"wmma", "mma_sync", "wgmma*", "mma"}},
        {"asynchronous copies", {"cp", "memcpy_async", "__pipeline*", "async_work_group*", "CUtensorMap"}},
        {"fused multiply-add", {"fma", "fmaf", "__fmaf*", "mad", "__hfma*"}},
        {"fast functions", {"native_*", "__expf", "__logf", "__fdividef", "__frcp*", "half_*"}},
        {"launch bounds", {"__launch_bounds__", "reqd_work_group_size"}},
        {"low precision", {"__half", "half", "__nv_bfloat16", "__nv_fp8*"}},
        {"atomics", {"atomic*"}},
    };
    return kMarks;
}

bool isWordChar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The words of the source outside comments.
std::set<std::string_view> wordsOf(std::string_view source)
{
    std::set<std::string_view> words;
    size_t at = 0;
    while (at < source.size()) {
        if (source.substr(at).starts_with("//")) {
            at = std::min(source.find('\n', at), source.size());
        } else if (source.substr(at).starts_with("/*")) {
            const size_t end = source.find("*/", at + 2);
            at = end == std::string_view::npos ? source.size() : end + 2;
        } else if (isWordChar(source[at])) {
            const size_t begin = at;
            while (at < source.size() && isWordChar(source[at]))
                ++at;
            words.insert(source.substr(begin, at - begin));
        } else {
            ++at;
        }
    }
    return words;
}

bool holds(const std::set<std::string_view> &words, std::string_view pattern)
{
    if (!pattern.ends_with('*'))
        return words.contains(pattern);
    pattern.remove_suffix(1);
    const auto first = words.lower_bound(pattern);
    return first != words.end() && first->starts_with(pattern);
}

std::string tuned(const Parameters &before, const Parameters &after)
{
    std::string found;
    for (const auto &[name, value] : after) {
        const auto old = before.find(name);
        if (old == before.end() || old->second == value)
            continue;
        if (!found.empty())
            return {}; // two at once
        found = fmt::format("{} {}", value > old->second ? "larger" : "smaller", name);
    }
    return found;
}

} // namespace

std::set<std::string> techniquesIn(std::string_view source)
{
    const std::set<std::string_view> words = wordsOf(source);
    std::set<std::string> found;
    for (const Mark &mark : marks()) {
        if (std::any_of(mark.words.begin(), mark.words.end(),
                        [&](std::string_view pattern) { return holds(words, pattern); }))
            found.insert(mark.technique);
    }
    return found;
}

std::string techniqueBetween(const Candidate &before, const Candidate &after)
{
    if (before.source == after.source)
        return tuned(before.parameters, after.parameters);
    const std::set<std::string> old = techniquesIn(before.source), made = techniquesIn(after.source);
    std::vector<std::string> changes;
    for (const std::string &one : made) {
        if (!old.contains(one))
            changes.push_back(one);
    }
    for (const std::string &one : old) {
        if (!made.contains(one))
            changes.push_back("no " + one);
    }
    return changes.size() > 2 ? std::string() : fmt::format("{}", fmt::join(changes, ", "));
}

} // namespace ww
