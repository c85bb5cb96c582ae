// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QFontMetrics>
#include <QString>

namespace ww::ui {

/// Number, kind, parent (a link to its id) and name of a candidate as rich text, the name elided where
/// `width` pixels do not hold it; empty for kNoCandidate.
[[nodiscard]] QString candidateTitle(const NodeView &node, const QFontMetrics &metrics, int width);

} // namespace ww::ui
