// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QString>

/// Numbers as the window prints them: always with unit, three significant digits.
namespace ww::ui {

/// Three significant digits without exponent: "0.123", "1.23", "12.3", "123", "1230".
[[nodiscard]] QString threeDigits(double value);
/// A time given in µs in the unit that leaves three significant digits: "512 µs", "1.23 ms"; "–" for none.
[[nodiscard]] QString timeText(double us);
/// "24.6×"; "–" when not measured.
[[nodiscard]] QString ratioText(double ratio);
/// "[24.1, 25.2]"; empty when not measured.
[[nodiscard]] QString intervalText(const RatioView &ratio);
/// "24.6× [24.1, 25.2]"; "–" when not measured.
[[nodiscard]] QString ratioWithInterval(const RatioView &ratio);
/// Seconds as "1:42" or "1:02:07".
[[nodiscard]] QString clockText(double seconds);
/// "38 %".
[[nodiscard]] QString percentText(double share);
/// "1 sample", "6 samples".
[[nodiscard]] QString counted(qsizetype count, const QString &one, const QString &many);
/// At most `limit` characters, with an ellipsis where something was left out.
[[nodiscard]] QString shortened(const QString &text, qsizetype limit);
/// "#31"; "start" for the root.
[[nodiscard]] QString idText(CandidateId id);
/// Half width of a median's interval relative to it: "± 0.4 %".
[[nodiscard]] QString spreadText(double median, double low, double high);

/// The factor and name of the unit in which `us` µs has three significant digits.
struct TimeUnit {
    double perUs = 1;
    QString name;
};
[[nodiscard]] TimeUnit timeUnitFor(double us);

} // namespace ww::ui
