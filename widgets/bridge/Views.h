// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/journal/Session.h"
#include "core/model/Endpoint.h"

#include "widgets/bridge/ViewTypes.h"

/// Core values as the window shows them. Used by the bridge alone.
namespace ww::ui {

[[nodiscard]] QString text(const std::string &utf8);
/// The endpoint of the settings, checked; the error says what is wrong with them.
[[nodiscard]] Result<Endpoint> endpointOf(const ModelSettingsView &settings);
[[nodiscard]] ProblemView problemView(const Error &error);
[[nodiscard]] DeviceView deviceView(const Capabilities &device);
[[nodiscard]] TaskView taskView(const Task &task);
[[nodiscard]] PlanView planView(const PlanParse &parse);
[[nodiscard]] StageView stageView(const StageRecord &stage);
[[nodiscard]] EvaluationView evaluationView(const Evaluation &evaluation);
[[nodiscard]] SamplesView samplesView(CandidateId id, bool confirmation, const SamplesMessage &samples);
/// `inFlight`: a process works on the session, so a candidate without a verdict is in the gate.
[[nodiscard]] NodeView nodeView(const Node &node, bool inFlight, double seconds);
/// Outcome of an evaluation: its verdict, and for a correct one the comparison with the baseline.
[[nodiscard]] Outcome outcomeOf(const Evaluation &evaluation);

} // namespace ww::ui
