// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QString>

namespace ww::ui {

/// What compiled kernels use, in one line: "softmax: 29 registers, nothing spilled, occupancy 100 % (limited
/// by warps)". Takes the resources of a record ("softmax.registers" → "29"); empty when it holds none.
[[nodiscard]] QString resourceText(const QMap<QString, QString> &resources);

} // namespace ww::ui
