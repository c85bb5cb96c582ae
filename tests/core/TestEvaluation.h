// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Evaluation.h"

#include <limits>

/// An evidence record with something in every field.
inline ww::Evaluation testEvaluation()
{
    using namespace ww;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Evaluation evaluation;
    evaluation.verdict = Verdict::IncorrectNumerical;
    evaluation.message = "C differs on 'odd'";
    evaluation.forPeople = {"seed 99", "--seed 99 --set impulse"};
    evaluation.stages = {{"compile", "ok", 11.5, "build of 3 kernels"}, {"timing", "skipped", 0, ""}};
    evaluation.diagnostics = {{Diagnostic::Severity::Warning, 3, 7, "unused variable"},
                              {Diagnostic::Severity::Note, 0, 0, "in this build"},
                              {Diagnostic::Severity::Error, 9, 1, "expected ';'"}};
    evaluation.buildLog = "line one\nline \"two\"\n";
    evaluation.correctness = {{"large", "default", "C", 1e-7, 2e-6, 1, 17, 0.1, 0.1000001, UINT64_MAX, true,
                               "rows=3,cols=5", "[2, 2]", false},
                              {"odd", "poison", "C", kInfinity, std::numeric_limits<double>::quiet_NaN(),
                               0.25, 0, -kInfinity, std::numeric_limits<double>::quiet_NaN(), 1, false,
                               "rows=7,cols=9", "[0, 0]", true}};
    evaluation.timing = {{"large",
                          "cold",
                          3,
                          1,
                          12.5,
                          12.25,
                          12.75,
                          12,
                          13,
                          11.75,
                          true,
                          {12.3f, 0.1f, 1e-20f},
                          1755,
                          10.5,
                          0.84,
                          {{{"power_w", 412.5}, {"throttled: power cap", 1}}, {}},
                          12.4}};
    evaluation.speedup = SpeedupRecord {"baseline",
                                        15.5,
                                        15,
                                        16,
                                        "FASTER",
                                        "the interval lies above 1.01",
                                        {{"large", 15.5, 15, 16, 193.75, 12.5}}};
    evaluation.bound = BoundRecord {1e9, 3e6, 10.5, 0.84};
    evaluation.resources = {{"local_mem_bytes", "2048"}};
    evaluation.trust = {{"physics", "ok", "0.84 of the floor"}};
    evaluation.foreign = {{"kernelbench", "CORRECT", "2 outputs within its limits", 14.5}};
    evaluation.environment = {{"device", "cpu"}, {"sandbox", "bwrap"}};
    evaluation.hashes = {{"source", "00ff"}};
    evaluation.wallMs = 812.25;
    evaluation.library = LibraryRecord {"cublas.sgemm", 0.4, {{"large", 5, 4.9, 5.1, 0.4}}, "late"};
    evaluation.profile =
        ProfileRecord {"CUPTI", "large", {{"dram_pct", 81.5}}, "memory bandwidth", {"busy"}, 9};
    evaluation.code = CodeRecord {{{"\tret;", 0, 0}, {"\tadd;", 4, 0}},
                                  {{"/*0000*/ EXIT", 4, 2}},
                                  "none",
                                  {{"EXIT", 1}},
                                  {"a finding"}};
    return evaluation;
}
