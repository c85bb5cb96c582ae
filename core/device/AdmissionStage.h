// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Bench.h"
#include "core/device/GateTypes.h"

#include <optional>

namespace ww {

/// Asks a task what has to be asked before anybody searches on it (evaluation.md, 2): do baseline and
/// reference agree, do outputs vary and inputs matter, is the bound known, and which known-wrong kernels do
/// its data and tolerance reject. Expected values never leave this process. Nothing when it was cancelled.
[[nodiscard]] std::optional<AdmissionReport> admit(const AdmitRequest &request, Bench &bench,
                                                   const GateListener &listener,
                                                   const Cancellation &cancellation);

} // namespace ww
