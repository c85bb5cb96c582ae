// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Admission.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {

bool AdmissionReport::admitted() const
{
    return std::none_of(checks.begin(), checks.end(),
                        [](const AdmissionCheck &check) { return check.verdict == "fail"; });
}

int AdmissionReport::count(std::string_view outcome) const
{
    return static_cast<int>(std::count_if(mutants.begin(), mutants.end(), [&](const MutantRecord &mutant) {
        return mutant.outcome == outcome;
    }));
}

std::string AdmissionReport::score() const
{
    return fmt::format("{} of {} wrong kernels rejected", count("rejected"),
                       count("rejected") + count("escaped"));
}

} // namespace ww
