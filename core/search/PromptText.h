// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <string>

/// The parts of a prompt that come from the session. Nothing here tells what `for_people`, hidden shapes or
/// trust probes hold: who proposes candidates must not learn what is looked for.
namespace ww {

/// What is computed: signature, constraints, workloads for a device of that kind, tolerance, reference and
/// baseline.
[[nodiscard]] std::string taskText(const Task &task, const std::string &deviceKind);

/// The device with its limits and measured ceilings; a note where none is known.
[[nodiscard]] std::string deviceText(const Capabilities *device);

/// "#12 · vector_row (correct, 3.1× [3.0, 3.2] the baseline's speed)" with its tunables and source.
[[nodiscard]] std::string kernelText(const Node &node, const std::string &language);

/// What went wrong with a candidate: the verdict's message, diagnostics with the lines they are about, or the
/// worst elements on the task's own data; empty for one that passed.
[[nodiscard]] std::string problemText(const Node &node);

/// What holds a correct candidate back: time of each workload beside the speed of light, resources, and what
/// hardware counters told; empty where nothing was timed.
[[nodiscard]] std::string bottleneckText(const Node &node);

} // namespace ww
