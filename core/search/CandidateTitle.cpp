// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/CandidateTitle.h"

#include <fmt/format.h>

namespace ww {
namespace {

std::string titled(const std::string &name, const std::string &what)
{
    return what.empty() ? name : fmt::format("{} · {}", name, what);
}

std::string nameOf(const Task &task, const Candidate &candidate)
{
    for (const KernelSource &variant : task.variants) {
        if (variant.text == candidate.source)
            return variant.name;
    }
    return candidate.title.substr(0, candidate.title.find(" · "));
}

} // namespace

std::string titleOfSet(const std::string &name, const Parameters &parameters)
{
    std::string text;
    for (const auto &[tunable, value] : parameters)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", tunable, value);
    return titled(name, text);
}

std::string titleOfChange(const Task &task, const Candidate &from, const Parameters &to)
{
    std::string text;
    for (const auto &[tunable, value] : to) {
        const auto before = from.parameters.find(tunable);
        if (before != from.parameters.end() && before->second != value)
            text += fmt::format("{}{} {}→{}", text.empty() ? "" : ", ", tunable, before->second, value);
    }
    return titled(nameOf(task, from), text);
}

} // namespace ww
