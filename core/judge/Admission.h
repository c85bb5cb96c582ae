// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <string>
#include <vector>

namespace ww {

/// One question to a task before anybody searches on it.
struct AdmissionCheck {
    std::string name; ///< "references agree", "inputs matter", …
    std::string verdict; ///< "ok" | "flag" | "fail"
    std::string detail; ///< a sentence with the figures
};

/// What became of one known-wrong kernel (Mutations.h) on the task's data sets and tolerance.
struct MutantRecord {
    std::string name;
    /// "rejected"; "escaped": passed every comparison; "same": no different from right on any data of this
    /// task; "untried": time ran out before it could be told.
    std::string outcome;
    std::string workload, set; ///< of the comparison that rejected it
};

/// Whether a task can be searched on, and how sharp its data are (evaluation.md, 2).
struct AdmissionReport {
    std::vector<AdmissionCheck> checks;
    std::vector<MutantRecord> mutants;
    Evaluation baseline; ///< the task's baseline through the whole gate, against itself
    double wallMs = 0;

    /// True when no check failed.
    [[nodiscard]] bool admitted() const;
    /// Mutants with that outcome.
    [[nodiscard]] int count(std::string_view outcome) const;
    /// "18 of 18 wrong kernels rejected": of those that are wrong on this task's data.
    [[nodiscard]] std::string score() const;
};

} // namespace ww
