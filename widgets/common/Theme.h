// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QColor>
#include <QPalette>
#include <QString>

#include <array>
#include <optional>

/// The palettes. This pair of files is the only place that names a colour; everything else asks for a role.
namespace ww::ui {

/// What a colour means.
enum class Role {
    Window,
    Panel,
    Raised,
    Border,
    Text,
    DimText,
    Accent,
    OnAccent,
    Selection,
    SelectionText,
    Focus,
    OutcomeStart,
    OutcomeWaiting,
    OutcomeRunning,
    OutcomeBuildError,
    OutcomeWrong,
    OutcomeCrashed,
    OutcomeNotFaster,
    OutcomeAmbiguous,
    OutcomeFaster,
    OutcomeFault,
    FasterDeep, ///< the far end of OutcomeFaster's ramp
    Best,
    TreeEdge,
    CodeKeyword,
    CodeBuiltin,
    CodeNumber,
    CodeString,
    CodeComment,
    CodeDirective,
    CodePlan,
    CodePlanBackground,
    CodeMargin,
    CodeCurrentLine,
    CodeSelection,
    DiffAdded,
    DiffRemoved,
    ErrorBackground,
    WarningBackground,
    InfoBackground,
    ChartGrid,
    ChartCandidate,
    ChartBaseline,
    ChartMedian,
};
constexpr int kRoleCount = static_cast<int>(Role::ChartMedian) + 1;

enum class ThemeName { Light, Dark, HighContrast };

struct Theme {
    ThemeName name = ThemeName::Light;
    std::array<QColor, kRoleCount> colors;

    [[nodiscard]] const QColor &operator[](Role role) const { return colors[static_cast<size_t>(role)]; }
    [[nodiscard]] QPalette palette() const;
    /// What Fusion's palette cannot say: borders, tabs, headers.
    [[nodiscard]] QString styleSheet() const;
};

/// The palette of that name.
[[nodiscard]] const Theme &themeOf(ThemeName name);
/// The one in force; widgets read it again on QEvent::PaletteChange.
[[nodiscard]] const Theme &theme();
/// Puts it in force for the whole application.
void applyTheme(ThemeName name);
/// Light or dark, as the desktop's own palette was when the program began.
[[nodiscard]] ThemeName systemTheme();
/// "light", "dark", "high-contrast".
[[nodiscard]] std::optional<ThemeName> themeFromName(const QString &name);

/// Colour of an outcome; for Faster, deeper with the gain (logarithmic up to 32×).
[[nodiscard]] QColor outcomeColor(const Theme &colors, Outcome outcome, double speedup = 1);
/// WCAG 2 contrast ratio, 1…21 (relative luminance of the two colours).
[[nodiscard]] double contrastRatio(const QColor &a, const QColor &b);

} // namespace ww::ui
