// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

namespace ww::ui {

/// The one line that sums a candidate up: "FASTER 24.6×", "BUILD ERROR", "running".
[[nodiscard]] QString verdictHeadline(const CandidateView &candidate);
/// Interval and confirmation, or the reason: the line below.
[[nodiscard]] QString verdictDetail(const CandidateView &candidate);
/// Everything known of it but verdict and stages, as HTML of QLabel's kind; candidates are links to their
/// numbers.
[[nodiscard]] QString inspectorHtml(const CandidateView &candidate);
/// All of it as plain text, for the clipboard.
[[nodiscard]] QString inspectorPlainText(const CandidateView &candidate);

} // namespace ww::ui
