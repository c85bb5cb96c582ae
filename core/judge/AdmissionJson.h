// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/Admission.h"

#include <nlohmann/json_fwd.hpp>

namespace ww {

/// The report with the field names of the command line's contract.
[[nodiscard]] nlohmann::json admissionToJson(const AdmissionReport &report);
/// Reads a report; unknown fields are ignored, a missing or wrongly typed required one is an error.
[[nodiscard]] Result<AdmissionReport> admissionFromJson(const nlohmann::json &record);

} // namespace ww
