// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ww::ui {

namespace {

using Pairs = std::initializer_list<std::pair<Role, QRgb>>;

Theme makeTheme(ThemeName name, Pairs pairs)
{
    Theme made;
    made.name = name;
    for (const auto &[role, rgb] : pairs)
        made.colors[static_cast<size_t>(role)] = QColor(rgb);
    return made;
}

// clang-format off: a table, three roles a line
// Outcome hues are Okabe and Ito's (2008), darkened or lightened per theme until they reach 3:1 on a panel.
const Theme &lightTheme()
{
    static const Theme made = makeTheme(ThemeName::Light,
                                        {
                                            {Role::Window, 0xfff3f4f6},
                                            {Role::Panel, 0xffffffff},
                                            {Role::Raised, 0xffe9ebef},
                                            {Role::Border, 0xffd3d7de},
                                            {Role::Text, 0xff1a1d23},
                                            {Role::DimText, 0xff555c68},
                                            {Role::Accent, 0xff0b62a8},
                                            {Role::OnAccent, 0xffffffff},
                                            {Role::Selection, 0xffcfe4f7},
                                            {Role::SelectionText, 0xff10202f},
                                            {Role::Focus, 0xff0b62a8},
                                            {Role::OutcomeStart, 0xff555c68},
                                            {Role::OutcomeWaiting, 0xff808793},
                                            {Role::OutcomeRunning, 0xff0b62a8},
                                            {Role::OutcomeBuildError, 0xffbe3a16},
                                            {Role::OutcomeWrong, 0xffbb8700},
                                            {Role::OutcomeCrashed, 0xff23262c},
                                            {Role::OutcomeNotFaster, 0xff858b95},
                                            {Role::OutcomeAmbiguous, 0xff00a372},
                                            {Role::OutcomeFaster, 0xff4f83e0},
                                            {Role::OutcomeFault, 0xffb359a9},
                                            {Role::FasterDeep, 0xff00437a},
                                            {Role::Best, 0xff00437a},
                                            {Role::TreeEdge, 0xff878e99},
                                            {Role::CodeKeyword, 0xff0b55a0},
                                            {Role::CodeBuiltin, 0xff7a3a8c},
                                            {Role::CodeNumber, 0xff9a4300},
                                            {Role::CodeString, 0xff20713f},
                                            {Role::CodeComment, 0xff5a616c},
                                            {Role::CodeDirective, 0xff8a2f5e},
                                            {Role::CodePlan, 0xff005e49},
                                            {Role::CodePlanBackground, 0xffe4f4ef},
                                            {Role::CodeMargin, 0xfff3f4f6},
                                            {Role::CodeCurrentLine, 0xfff4f7fb},
                                            {Role::CodeSelection, 0xffcfe4f7},
                                            {Role::DiffAdded, 0xffd9f2e3},
                                            {Role::DiffRemoved, 0xfffbe0d5},
                                            {Role::ErrorBackground, 0xfffbe3d9},
                                            {Role::WarningBackground, 0xfffbf0d2},
                                            {Role::InfoBackground, 0xffe1eef9},
                                            {Role::ChartGrid, 0xffe4e7ec},
                                            {Role::ChartCandidate, 0xff0b62a8},
                                            {Role::ChartBaseline, 0xff7b828d},
                                            {Role::ChartMedian, 0xffbe3a16},
                                        });
    return made;
}

const Theme &darkTheme()
{
    static const Theme made = makeTheme(ThemeName::Dark,
                                        {
                                            {Role::Window, 0xff202329},
                                            {Role::Panel, 0xff181a1f},
                                            {Role::Raised, 0xff2c3038},
                                            {Role::Border, 0xff3a3f49},
                                            {Role::Text, 0xffe6e8ec},
                                            {Role::DimText, 0xffa2a9b5},
                                            {Role::Accent, 0xff5db0f0},
                                            {Role::OnAccent, 0xff0d1a26},
                                            {Role::Selection, 0xff234a6b},
                                            {Role::SelectionText, 0xfff2f6fa},
                                            {Role::Focus, 0xff5db0f0},
                                            {Role::OutcomeStart, 0xffa2a9b5},
                                            {Role::OutcomeWaiting, 0xff7d8592},
                                            {Role::OutcomeRunning, 0xff5db0f0},
                                            {Role::OutcomeBuildError, 0xffe2603a},
                                            {Role::OutcomeWrong, 0xffe6a818},
                                            {Role::OutcomeCrashed, 0xfff2f2f2},
                                            {Role::OutcomeNotFaster, 0xff838b99},
                                            {Role::OutcomeAmbiguous, 0xff1fc287},
                                            {Role::OutcomeFaster, 0xff3b7cc5},
                                            {Role::OutcomeFault, 0xffe1aeef},
                                            {Role::FasterDeep, 0xff8fd0ff},
                                            {Role::Best, 0xff8fd0ff},
                                            {Role::TreeEdge, 0xff646c79},
                                            {Role::CodeKeyword, 0xff7cbcf2},
                                            {Role::CodeBuiltin, 0xffd5a2e8},
                                            {Role::CodeNumber, 0xfff0a66e},
                                            {Role::CodeString, 0xff8fd3a5},
                                            {Role::CodeComment, 0xff9ba3b0},
                                            {Role::CodeDirective, 0xffe89bc0},
                                            {Role::CodePlan, 0xff6fdcbb},
                                            {Role::CodePlanBackground, 0xff18312b},
                                            {Role::CodeMargin, 0xff202329},
                                            {Role::CodeCurrentLine, 0xff1f2329},
                                            {Role::CodeSelection, 0xff1c3a56},
                                            {Role::DiffAdded, 0xff14321f},
                                            {Role::DiffRemoved, 0xff47241a},
                                            {Role::ErrorBackground, 0xff4a2418},
                                            {Role::WarningBackground, 0xff403512},
                                            {Role::InfoBackground, 0xff1c3347},
                                            {Role::ChartGrid, 0xff2c3038},
                                            {Role::ChartCandidate, 0xff5db0f0},
                                            {Role::ChartBaseline, 0xff838b99},
                                            {Role::ChartMedian, 0xfff08a52},
                                        });
    return made;
}

const Theme &highContrastTheme()
{
    static const Theme made = makeTheme(ThemeName::HighContrast,
                                        {
                                            {Role::Window, 0xff000000},
                                            {Role::Panel, 0xff000000},
                                            {Role::Raised, 0xff1a1a1a},
                                            {Role::Border, 0xffffffff},
                                            {Role::Text, 0xffffffff},
                                            {Role::DimText, 0xffe0e0e0},
                                            {Role::Accent, 0xffffe14d},
                                            {Role::OnAccent, 0xff000000},
                                            {Role::Selection, 0xffffe14d},
                                            {Role::SelectionText, 0xff000000},
                                            {Role::Focus, 0xffffe14d},
                                            {Role::OutcomeStart, 0xffe0e0e0},
                                            {Role::OutcomeWaiting, 0xffb8b8b8},
                                            {Role::OutcomeRunning, 0xffffe14d},
                                            {Role::OutcomeBuildError, 0xffff7133},
                                            {Role::OutcomeWrong, 0xffecda02},
                                            {Role::OutcomeCrashed, 0xffffffff},
                                            {Role::OutcomeNotFaster, 0xff8d8d8d},
                                            {Role::OutcomeAmbiguous, 0xff20e39b},
                                            {Role::OutcomeFaster, 0xff4b89ee},
                                            {Role::OutcomeFault, 0xfff69ae4},
                                            {Role::FasterDeep, 0xffa8dcff},
                                            {Role::Best, 0xffa8dcff},
                                            {Role::TreeEdge, 0xffc8c8c8},
                                            {Role::CodeKeyword, 0xff8ccaff},
                                            {Role::CodeBuiltin, 0xfff0b8ff},
                                            {Role::CodeNumber, 0xffffb98a},
                                            {Role::CodeString, 0xffa4f0bd},
                                            {Role::CodeComment, 0xffd0d0d0},
                                            {Role::CodeDirective, 0xffffb0d4},
                                            {Role::CodePlan, 0xff7dffd8},
                                            {Role::CodePlanBackground, 0xff00281e},
                                            {Role::CodeMargin, 0xff000000},
                                            {Role::CodeCurrentLine, 0xff1a1a1a},
                                            {Role::CodeSelection, 0xff4a4200},
                                            {Role::DiffAdded, 0xff003d22},
                                            {Role::DiffRemoved, 0xff571800},
                                            {Role::ErrorBackground, 0xff571800},
                                            {Role::WarningBackground, 0xff423600},
                                            {Role::InfoBackground, 0xff002c4d},
                                            {Role::ChartGrid, 0xff4a4a4a},
                                            {Role::ChartCandidate, 0xff8ccaff},
                                            {Role::ChartBaseline, 0xffc8c8c8},
                                            {Role::ChartMedian, 0xffffa066},
                                        });
    return made;
}

// clang-format on

ThemeName g_current = ThemeName::Light;

} // namespace

const Theme &themeOf(ThemeName name)
{
    switch (name) {
    case ThemeName::Light: return lightTheme();
    case ThemeName::Dark: return darkTheme();
    case ThemeName::HighContrast: return highContrastTheme();
    }
    return lightTheme();
}

const Theme &theme()
{
    return themeOf(g_current);
}

ThemeName systemTheme()
{
    static const bool dark =
        QApplication::style()->standardPalette().color(QPalette::Window).lightness() < 128;
    return dark ? ThemeName::Dark : ThemeName::Light;
}

std::optional<ThemeName> themeFromName(const QString &name)
{
    if (name == QLatin1String("light"))
        return ThemeName::Light;
    if (name == QLatin1String("dark"))
        return ThemeName::Dark;
    if (name == QLatin1String("high-contrast"))
        return ThemeName::HighContrast;
    return std::nullopt;
}

void applyTheme(ThemeName name)
{
    static_cast<void>(systemTheme()); // read the desktop's palette before ours replaces it
    g_current = name;
    if (QApplication::style()->objectName() != QLatin1String("fusion"))
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(theme().palette());
    // Fusion outlines these in a darker shade of the window's colour, which nobody sees on a dark window.
    QPalette outlined = theme().palette();
    outlined.setColor(QPalette::Window, theme()[Role::Border].lighter(140));
    for (const char *boxes : {"QComboBox", "QAbstractSpinBox"})
        QApplication::setPalette(outlined, boxes);
    qApp->setStyleSheet(theme().styleSheet());
}

QPalette Theme::palette() const
{
    const Theme &t = *this;
    QPalette p;
    p.setColor(QPalette::Window, t[Role::Window]);
    p.setColor(QPalette::WindowText, t[Role::Text]);
    p.setColor(QPalette::Base, t[Role::Panel]);
    p.setColor(QPalette::AlternateBase, t[Role::CodeCurrentLine]);
    p.setColor(QPalette::Text, t[Role::Text]);
    p.setColor(QPalette::PlaceholderText, t[Role::DimText]);
    p.setColor(QPalette::Button, t[Role::Raised]);
    p.setColor(QPalette::ButtonText, t[Role::Text]);
    p.setColor(QPalette::BrightText, t[Role::OutcomeBuildError]);
    p.setColor(QPalette::Highlight, t[Role::Selection]);
    p.setColor(QPalette::HighlightedText, t[Role::SelectionText]);
    p.setColor(QPalette::ToolTipBase, t[Role::Raised]);
    p.setColor(QPalette::ToolTipText, t[Role::Text]);
    p.setColor(QPalette::Link, t[Role::Accent]);
    p.setColor(QPalette::LinkVisited, t[Role::Accent]);
    p.setColor(QPalette::Light, t[Role::Raised].lighter(110));
    p.setColor(QPalette::Midlight, t[Role::Raised]);
    p.setColor(QPalette::Mid, t[Role::Border]);
    p.setColor(QPalette::Dark, t[Role::Border].darker(120));
    p.setColor(QPalette::Shadow, t[Role::Border].darker(160));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t[Role::OutcomeWaiting]);
    return p;
}

QString Theme::styleSheet() const
{
    QString sheet = QStringLiteral(R"(
QMainWindow::separator { background: @window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @border; }
QMenuBar { background: @window; padding: 2px 4px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised; color: @text; }
QMenu { background: @panel; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @selectionText; }
QMenu::item:disabled { color: @waiting; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @border; spacing: 4px; padding: 4px 8px; }
QToolBar::separator { background: @border; width: 1px; margin: 4px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 4px 8px; }
QToolButton:hover { background: @raised; }
QToolButton:pressed, QToolButton:checked { background: @selection; color: @selectionText; }
QToolButton:focus { border: 1px solid @focus; }
QPushButton { background: @raised; border: 1px solid @border; border-radius: 4px; padding: 4px 14px; }
QPushButton:hover { border-color: @accent; }
QPushButton:focus { border: 1px solid @focus; }
QPushButton:disabled { color: @waiting; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton[primary="true"]:disabled { background: @raised; color: @waiting; border-color: @border; }
QPushButton[flat="true"] { background: transparent; border: 1px solid transparent; }
QPushButton[flat="true"]:focus { border: 1px solid @focus; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid @dim; border-radius: 3px; background: @panel; }
QCheckBox::indicator:checked { background: @accent; border: 1px solid @accent; }
QCheckBox::indicator:focus { border: 1px solid @focus; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @dim; padding: 6px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover:!selected { color: @text; }
QTabBar::tab:focus { color: @text; background: @raised; }
QHeaderView::section { background: @window; color: @dim; border: none; border-bottom: 1px solid @border;
  padding: 4px 8px; }
#commandPalette QTreeView::item { padding: 4px 6px; }
QTableView { gridline-color: transparent; selection-background-color: @selection;
  selection-color: @selectionText; border: none; }
QTableView::item { padding: 0 8px; }
QStatusBar { background: @window; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px; }
QLineEdit[search="true"] { background: @panel; border: 1px solid @border; border-radius: 4px; padding: 3px 6px; }
QLineEdit[search="true"]:focus { border: 1px solid @focus; }
QAbstractScrollArea::corner { background: @panel; }
QFrame[panel="true"] { background: @panel; border: 1px solid @border; }
QWidget[header="true"] { background: @window; }
QLabel[dim="true"] { color: @dim; }
QLabel[title="true"] { font-weight: 600; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @waiting; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @raised; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
)");
    // Longer names first, so that @selectionText is not taken for @selection.
    const std::pair<const char *, Role> names[] = {
        {"@selectionText", Role::SelectionText},
        {"@selection", Role::Selection},
        {"@window", Role::Window},
        {"@panel", Role::Panel},
        {"@raised", Role::Raised},
        {"@border", Role::Border},
        {"@text", Role::Text},
        {"@dim", Role::DimText},
        {"@accent", Role::Accent},
        {"@onAccent", Role::OnAccent},
        {"@focus", Role::Focus},
        {"@waiting", Role::OutcomeWaiting},
    };
    for (const auto &[token, role] : names)
        sheet.replace(QLatin1String(token), (*this)[role].name());
    return sheet;
}

QColor outcomeColor(const Theme &colors, Outcome outcome, double speedup)
{
    const int first = static_cast<int>(Role::OutcomeStart);
    const QColor base = colors.colors[static_cast<size_t>(first) + static_cast<size_t>(outcome)];
    if (outcome != Outcome::Faster)
        return base;
    const double depth = std::clamp(std::log2(std::max(speedup, 1.0)) / 5, 0.0, 1.0);
    const QColor &deep = colors[Role::FasterDeep];
    const auto mix = [depth](int from, int to) {
        return static_cast<int>(std::lround(from + (to - from) * depth));
    };
    return {mix(base.red(), deep.red()), mix(base.green(), deep.green()), mix(base.blue(), deep.blue())};
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const auto linear = [](double c) {
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    const auto luminance = [&](const QColor &c) {
        return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
    };
    const double first = luminance(a), second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace ww::ui
