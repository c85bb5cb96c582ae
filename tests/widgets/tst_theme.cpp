// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Glyphs.h"
#include "widgets/common/Theme.h"

#include <QTest>

#include <array>
#include <cmath>

using namespace ww::ui;

namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
const Matrix kNormal {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
const Matrix kProtan {
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
const Matrix kDeutan {
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
const Matrix kTritan {
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

Vector linear(const QColor &color)
{
    const auto channel = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return {channel(color.redF()), channel(color.greenF()), channel(color.blueF())};
}

// CIE L*a*b* under D65.
Vector lab(const Vector &rgb)
{
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    const double x = f((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047);
    const double y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
    const double z = f((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(const QColor &a, const QColor &b, const Matrix &sight)
{
    const auto seen = [&](const QColor &color) {
        const Vector rgb = linear(color);
        Vector out {};
        for (size_t i = 0; i < 3; ++i)
            out[i] = std::clamp(sight[i][0] * rgb[0] + sight[i][1] * rgb[1] + sight[i][2] * rgb[2], 0.0, 1.0);
        return lab(out);
    };
    const Vector p = seen(a), q = seen(b);
    return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

const QList<Outcome> kVerdicts {Outcome::BuildError, Outcome::Wrong,  Outcome::Crashed, Outcome::NotFaster,
                                Outcome::Ambiguous,  Outcome::Faster, Outcome::Fault};

} // namespace

Q_DECLARE_METATYPE(ThemeName)

class TestTheme : public QObject {
    Q_OBJECT
private:
    static void addThemes()
    {
        QTest::addColumn<ThemeName>("name");
        QTest::newRow("light") << ThemeName::Light;
        QTest::newRow("dark") << ThemeName::Dark;
        QTest::newRow("high contrast") << ThemeName::HighContrast;
    }

private slots:
    void unknownNameIsRefused()
    {
        QVERIFY(!themeFromName(QStringLiteral("solarized")));
        QVERIFY(themeFromName(QStringLiteral("high-contrast")) == ThemeName::HighContrast);
    }

    void everyRoleHasAColor_data() { addThemes(); }
    void everyRoleHasAColor()
    {
        QFETCH(ThemeName, name);
        for (int role = 0; role < kRoleCount; ++role)
            QVERIFY2(themeOf(name)[static_cast<Role>(role)].isValid(), qPrintable(QString::number(role)));
    }

    void contrastOfKnownPairs()
    {
        QVERIFY(std::fabs(contrastRatio(QColor(Qt::black), QColor(Qt::white)) - 21) < 1e-9);
        QVERIFY(std::fabs(contrastRatio(QColor(Qt::white), QColor(Qt::white)) - 1) < 1e-9);
    }

    void textIsReadable_data() { addThemes(); }
    void textIsReadable()
    {
        QFETCH(ThemeName, name);
        const Theme &colors = themeOf(name);
        const std::pair<Role, QList<Role>> texts[] = {
            {Role::Window, {Role::Text, Role::DimText, Role::Accent}},
            {Role::Panel,
             {Role::Text, Role::DimText, Role::Accent, Role::CodeKeyword, Role::CodeBuiltin, Role::CodeNumber,
              Role::CodeString, Role::CodeComment, Role::CodeDirective}},
            {Role::Raised, {Role::Text, Role::DimText}},
            {Role::Accent, {Role::OnAccent}},
            {Role::Selection, {Role::SelectionText}},
            {Role::CodePlanBackground, {Role::CodePlan}},
            {Role::CodeMargin, {Role::DimText}},
            {Role::CodeSelection, {Role::Text, Role::CodeComment, Role::CodeKeyword}},
            {Role::ErrorBackground, {Role::Text}},
            {Role::WarningBackground, {Role::Text}},
            {Role::InfoBackground, {Role::Text}},
        };
        for (const auto &[background, foregrounds] : texts) {
            for (const Role foreground : foregrounds) {
                const double ratio = contrastRatio(colors[foreground], colors[background]);
                QVERIFY2(ratio >= 4.5,
                         qPrintable(QStringLiteral("role %1 on %2: %3")
                                        .arg(static_cast<int>(foreground))
                                        .arg(static_cast<int>(background))
                                        .arg(ratio)));
            }
        }
        for (const Role background : {Role::CodeCurrentLine, Role::DiffAdded, Role::DiffRemoved}) {
            for (int role = static_cast<int>(Role::CodeKeyword); role <= static_cast<int>(Role::CodePlan);
                 ++role) {
                const double ratio = contrastRatio(colors[static_cast<Role>(role)], colors[background]);
                QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("code role %1: %2").arg(role).arg(ratio)));
            }
        }
    }

    void marksAreVisible_data() { addThemes(); }
    void marksAreVisible()
    {
        QFETCH(ThemeName, name);
        const Theme &colors = themeOf(name);
        for (int role = static_cast<int>(Role::OutcomeStart); role <= static_cast<int>(Role::TreeEdge);
             ++role)
            QVERIFY2(contrastRatio(colors[static_cast<Role>(role)], colors[Role::Panel]) >= 3,
                     qPrintable(QStringLiteral("role %1").arg(role)));
        for (const Role role : {Role::ChartCandidate, Role::ChartBaseline, Role::ChartMedian, Role::Focus})
            QVERIFY(contrastRatio(colors[role], colors[Role::Panel]) >= 3);
        for (const double speedup : {1.0, 2.0, 5.0, 30.0, 1000.0})
            QVERIFY(contrastRatio(outcomeColor(colors, Outcome::Faster, speedup), colors[Role::Panel]) >= 3);
    }

    void verdictsDifferForEverySight_data() { addThemes(); }
    void verdictsDifferForEverySight()
    {
        QFETCH(ThemeName, name);
        constexpr double kLeast = 15; // a ΔE of 2.3 is just noticeable
        for (const Matrix *sight : {&kNormal, &kProtan, &kDeutan, &kTritan}) {
            for (const Outcome a : kVerdicts) {
                for (const Outcome b : kVerdicts) {
                    if (a == b)
                        continue;
                    const double apart =
                        distance(outcomeColor(themeOf(name), a), outcomeColor(themeOf(name), b), *sight);
                    QVERIFY2(
                        apart >= kLeast,
                        qPrintable(
                            QStringLiteral("%1 and %2: %3").arg(outcomeName(a), outcomeName(b)).arg(apart)));
                }
            }
        }
    }

    void everyOutcomeHasAShapeOfItsOwn()
    {
        QList<QPainterPath> shapes;
        for (const Outcome outcome : kVerdicts) {
            const QPainterPath shape = outcomeShape(outcome);
            QVERIFY(!shape.isEmpty());
            for (int i = 0; i < shapes.size(); ++i) {
                const bool sameLook = shapes[i] == shape && isOutlined(kVerdicts[i]) == isOutlined(outcome);
                QVERIFY2(!sameLook, qPrintable(outcomeName(outcome)));
            }
            shapes.append(shape);
        }
    }

    void gainDeepensTheColor()
    {
        const Theme &light = themeOf(ThemeName::Light);
        const int slow = outcomeColor(light, Outcome::Faster, 1.1).lightness();
        const int fast = outcomeColor(light, Outcome::Faster, 20).lightness();
        QVERIFY(fast < slow);
        QCOMPARE(outcomeColor(light, Outcome::Faster, 32), outcomeColor(light, Outcome::Faster, 1e6));
    }

    void applyingAThemeReachesWidgets()
    {
        for (const ThemeName name : {ThemeName::Dark, ThemeName::HighContrast, ThemeName::Light}) {
            applyTheme(name);
            QWidget widget;
            widget.ensurePolished();
            QCOMPARE(widget.palette().color(QPalette::Window), theme()[Role::Window]);
            QVERIFY(!theme().styleSheet().contains(QLatin1Char('@')));
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
