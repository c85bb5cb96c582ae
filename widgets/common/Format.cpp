// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Format.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace ww::ui {

QString threeDigits(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("–");
    if (value == 0)
        return QStringLiteral("0");
    const auto decimals = [](double v) {
        return std::clamp(2 - static_cast<int>(std::floor(std::log10(std::fabs(v)) + 1e-12)), 0, 9);
    };
    // Rounding may lead to the next power of ten: 0.9997 is 1.00, not 1.000.
    const QString rounded = QString::number(value, 'f', decimals(value));
    const double shown = rounded.toDouble();
    return shown == 0 ? rounded : QString::number(shown, 'f', decimals(shown));
}

TimeUnit timeUnitFor(double us)
{
    const double size = std::fabs(us);
    if (size >= 999'500)
        return {1e-6, QStringLiteral("s")};
    if (size >= 999.5)
        return {1e-3, QStringLiteral("ms")};
    if (size >= 0.9995 || size == 0)
        return {1, QStringLiteral("µs")};
    return {1e3, QStringLiteral("ns")};
}

QString timeText(double us)
{
    if (us <= 0 || !std::isfinite(us))
        return QStringLiteral("–");
    const TimeUnit unit = timeUnitFor(us);
    return threeDigits(us * unit.perUs) + QLatin1Char(' ') + unit.name;
}

QString ratioText(double ratio)
{
    return ratio > 0 && std::isfinite(ratio) ? threeDigits(ratio) + QStringLiteral("×") : QStringLiteral("–");
}

QString intervalText(const RatioView &ratio)
{
    if (!ratio.measured())
        return {};
    return QStringLiteral("[%1, %2]").arg(threeDigits(ratio.low), threeDigits(ratio.high));
}

QString ratioWithInterval(const RatioView &ratio)
{
    const QString interval = intervalText(ratio);
    return interval.isEmpty() ? ratioText(ratio.value) : ratioText(ratio.value) + QLatin1Char(' ') + interval;
}

QString clockText(double seconds)
{
    const qint64 total = seconds > 0 ? static_cast<qint64>(seconds) : 0;
    const QLatin1Char zero('0');
    if (total >= 3600) {
        return QStringLiteral("%1:%2:%3")
            .arg(total / 3600)
            .arg(total / 60 % 60, 2, 10, zero)
            .arg(total % 60, 2, 10, zero);
    }
    return QStringLiteral("%1:%2").arg(total / 60).arg(total % 60, 2, 10, zero);
}

QString percentText(double share)
{
    return QStringLiteral("%1 %").arg(std::lround(share * 100));
}

QString counted(qsizetype count, const QString &one, const QString &many)
{
    return QStringLiteral("%1 %2").arg(count).arg(count == 1 ? one : many);
}

QString shortened(const QString &text, qsizetype limit)
{
    return text.size() <= limit ? text : text.left(limit - 1) + QStringLiteral("…");
}

QString idText(CandidateId id)
{
    return id == 0 ? QObject::tr("start") : QStringLiteral("#%1").arg(id);
}

QString spreadText(double median, double low, double high)
{
    if (median <= 0)
        return {};
    return QStringLiteral("± %1 %").arg(QString::number((high - low) / 2 / median * 100, 'f', 1));
}

} // namespace ww::ui
