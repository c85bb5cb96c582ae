// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/InspectorText.h"

#include "widgets/common/Format.h"
#include "widgets/common/Theme.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace ww::ui {

namespace {

/// For HTML: long words may be broken after these characters, so that a hash or a path never widens the
/// panel.
QString breakable(const QString &text)
{
    QString made;
    int run = 0;
    for (const QChar c : text) {
        made += c;
        run = c.isSpace() ? 0 : run + 1;
        if (run >= 20 || c == QLatin1Char('+') || c == QLatin1Char('/') || c == QLatin1Char('_')
            || c == QLatin1Char('-')) {
            made += QChar(0x200B); // zero-width space
            run = 0;
        }
    }
    return made.toHtmlEscaped();
}

/// A section as rows of cells; rendered as HTML or as text.
struct Section {
    QString title;
    QStringList columns; ///< empty: name and value
    QList<QStringList> rows;
    QString note;
};

QString small(double value)
{
    return value == 0 ? QStringLiteral("0") : QString::number(value, 'g', 2);
}

QString number(double value)
{
    return QString::number(value, 'g', 6);
}

Section timingSection(const CandidateView &candidate)
{
    Section section {QObject::tr("Timing"),
                     {QObject::tr("workload"), QObject::tr("median"), QObject::tr("baseline"),
                      QObject::tr("speed-up [95 %]"), QObject::tr("samples")},
                     {},
                     {}};
    const QList<TimingView> &timings = candidate.evaluation.timing;
    const bool clocks = std::any_of(timings.begin(), timings.end(),
                                    [](const TimingView &timing) { return timing.clockMhz > 0; });
    if (clocks)
        section.columns.append(QObject::tr("clock"));
    bool unstable = false;
    for (const TimingView &timing : timings) {
        QString count = QString::number(timing.n);
        if (timing.discarded > 0)
            count += QObject::tr(" (%1 discarded)").arg(timing.discarded);
        const bool cold = timing.mode.isEmpty() || timing.mode == QLatin1String("cold");
        section.rows.append({cold ? timing.workload : timing.workload + QStringLiteral(" · ") + timing.mode,
                             timeText(timing.medianUs) + QLatin1Char(' ')
                                 + spreadText(timing.medianUs, timing.lowUs, timing.highUs),
                             timeText(timing.baselineMedianUs), ratioWithInterval(timing.speedup), count});
        if (clocks)
            section.rows.last().append(timing.clockMhz > 0
                                           ? QObject::tr("%1 MHz").arg(std::round(timing.clockMhz))
                                           : QStringLiteral("–"));
        unstable = unstable || timing.unstable;
        if (!timing.readings.isEmpty())
            section.rows.append({QString(), timing.readings, QString(), QString(), QString()});
    }
    if (unstable)
        section.note = QObject::tr("Unstable: the wanted precision was not reached within the time budget.");
    return section;
}

Section correctnessSection(const CandidateView &candidate)
{
    Section section {QObject::tr("Correctness"),
                     {QObject::tr("workload · data"), QObject::tr("output"),
                      QObject::tr("largest rel. error"), QObject::tr("matched"),
                      QObject::tr("worst element")},
                     {},
                     {}};
    for (const CorrectnessView &check : candidate.evaluation.correctness) {
        const QString worst = check.worstIndex < 0 ? QStringLiteral("–")
                                                   : QObject::tr("[%1] %2, expected %3")
                                                         .arg(check.worstIndex)
                                                         .arg(number(check.actual), number(check.expected));
        section.rows.append({(check.ok ? QStringLiteral("✓ ") : QStringLiteral("✕ ")) + check.workload
                                 + QStringLiteral(" · ") + check.set,
                             check.output, small(check.maxRel),
                             QStringLiteral("%1 %").arg(QString::number(std::floor(check.matched * 1e4) / 100,
                                                                        'f', check.matched >= 1 ? 0 : 2)),
                             worst});
    }
    return section;
}

Section mapSection(const QString &title, const QMap<QString, QString> &values)
{
    Section section {title, {}, {}, {}};
    for (auto it = values.cbegin(); it != values.cend(); ++it)
        section.rows.append({it.key(), it.value()});
    return section;
}

Section failureSection(const EvaluationView &evaluation)
{
    Section section {QObject::tr("Where it failed (not told to a proposer)"), {}, {}, {}};
    if (!evaluation.where.isEmpty())
        section.rows.append({QObject::tr("where"), evaluation.where});
    if (!evaluation.reproduce.isEmpty())
        section.rows.append(
            {QObject::tr("again with"), QStringLiteral("warpwright-cli evaluate … ") + evaluation.reproduce});
    return section;
}

Section boundSection(const EvaluationView &evaluation)
{
    Section section {QObject::tr("Speed of light"), {}, {}, {}};
    if (evaluation.flops > 0)
        section.rows.append(
            {QObject::tr("operations"), QObject::tr("%1 GFLOP").arg(threeDigits(evaluation.flops / 1e9))});
    if (evaluation.bytes > 0)
        section.rows.append({QObject::tr("bytes moved at least"),
                             QObject::tr("%1 MB").arg(threeDigits(evaluation.bytes / 1e6))});
    if (evaluation.solUs > 0)
        section.rows.append({QObject::tr("bound"),
                             QObject::tr("%1, reached to %2")
                                 .arg(timeText(evaluation.solUs), percentText(evaluation.solScore))});
    if (evaluation.timing.size() < 2)
        return section;
    for (const TimingView &timing : evaluation.timing) {
        if (timing.solUs > 0)
            section.rows.append(
                {timing.workload,
                 QObject::tr("%1, reached to %2").arg(timeText(timing.solUs), percentText(timing.solScore))});
    }
    return section;
}

Section parameterSection(const CandidateView &candidate)
{
    Section section {QObject::tr("Parameters"), {}, {}, {}};
    for (auto it = candidate.parameters.cbegin(); it != candidate.parameters.cend(); ++it)
        section.rows.append({it.key(), QString::number(it.value())});
    return section;
}

Section trustSection(const EvaluationView &evaluation)
{
    Section section {
        QObject::tr("Trust"), {QObject::tr("probe"), QObject::tr("finding"), QObject::tr("value")}, {}, {}};
    for (const TrustView &trust : evaluation.trust)
        section.rows.append({trust.probe, trust.verdict, trust.value});
    return section;
}

Section foreignSection(const EvaluationView &evaluation)
{
    Section section {
        QObject::tr("What other harnesses would say"),
        {QObject::tr("rules"), QObject::tr("verdict"), QObject::tr("speed-up"), QObject::tr("why")},
        {},
        {}};
    for (const ForeignView &foreign : evaluation.foreign)
        section.rows.append({foreign.profile, foreign.verdict,
                             foreign.speedup > 0 ? ratioText(foreign.speedup) : QStringLiteral("–"),
                             foreign.reason});
    return section;
}

QList<Section> sections(const CandidateView &candidate)
{
    return {failureSection(candidate.evaluation),
            timingSection(candidate),
            correctnessSection(candidate),
            parameterSection(candidate),
            mapSection(QObject::tr("Resources"), candidate.evaluation.resources),
            trustSection(candidate.evaluation),
            foreignSection(candidate.evaluation),
            boundSection(candidate.evaluation),
            mapSection(QObject::tr("Environment"), candidate.evaluation.environment),
            mapSection(QObject::tr("Hashes"), candidate.evaluation.hashes)};
}

QString sectionHtml(const Section &section)
{
    if (section.rows.isEmpty())
        return {};
    const QString dim = theme()[Role::DimText].name();
    QString html =
        QStringLiteral("<p style='margin:10px 0 2px 0'><b>%1</b></p><table cellspacing='0' cellpadding='2'>")
            .arg(section.title.toHtmlEscaped());
    if (!section.columns.isEmpty()) {
        html += QStringLiteral("<tr>");
        for (const QString &column : section.columns)
            html += QStringLiteral("<td style='color:%1; padding-right:14px'>%2</td>")
                        .arg(dim, column.toHtmlEscaped());
        html += QStringLiteral("</tr>");
    }
    for (const QStringList &row : section.rows) {
        html += QStringLiteral("<tr>");
        for (int i = 0; i < row.size(); ++i) {
            const bool name = section.columns.isEmpty() && i == 0;
            html += QStringLiteral("<td style='padding-right:14px%1'>%2</td>")
                        .arg(name ? QStringLiteral("; color:") + dim : QString(), breakable(row[i]));
        }
        html += QStringLiteral("</tr>");
    }
    html += QStringLiteral("</table>");
    if (!section.note.isEmpty())
        html += QStringLiteral("<p style='margin:2px 0'>%1</p>").arg(section.note.toHtmlEscaped());
    return html;
}

QString lineageHtml(const CandidateView &candidate)
{
    const auto link = [](CandidateId id) {
        return QStringLiteral("<a href='%1'>%2</a>").arg(id).arg(idText(id));
    };
    QStringList made, shown, children;
    for (const LineageView &entry : candidate.lineage)
        (entry.ancestor ? made : shown)
            << (entry.ancestor ? link(entry.id)
                               : link(entry.id) + QStringLiteral(" (%1)").arg(entry.role.toHtmlEscaped()));
    for (const CandidateId id : candidate.children)
        children << link(id);
    QString html;
    if (candidate.node.id > 0) {
        made.prepend(link(0));
        html += QStringLiteral("<p style='margin:10px 0 2px 0'><b>%1</b></p>").arg(QObject::tr("Lineage"));
        html +=
            made.join(QStringLiteral(" → ")) + QStringLiteral(" → <b>%1</b>").arg(idText(candidate.node.id));
        html += QStringLiteral("<br>")
            + QObject::tr("%1 by %2")
                  .arg(stepName(candidate.node.kind), candidate.node.origin.toHtmlEscaped());
        if (candidate.node.step > 0)
            html += QObject::tr(", step %1").arg(candidate.node.step);
    }
    if (!shown.isEmpty())
        html +=
            QStringLiteral("<br>") + QObject::tr("shown to its maker: ") + shown.join(QStringLiteral(", "));
    if (!children.isEmpty())
        html += QStringLiteral("<br>") + QObject::tr("children: ")
            + children.mid(0, 40).join(QStringLiteral(", "))
            + (children.size() > 40 ? QObject::tr(" and %1 more").arg(children.size() - 40) : QString());
    return html;
}

} // namespace

QString verdictHeadline(const CandidateView &candidate)
{
    const NodeView &node = candidate.node;
    if (node.outcome == Outcome::Start)
        return QObject::tr("Baseline");
    const RatioView &ratio = node.confirmed.measured() ? node.confirmed : node.speedup;
    if (!candidate.refutation.isEmpty())
        return QObject::tr("NOT CONFIRMED");
    const bool correct = node.outcome == Outcome::Faster || node.outcome == Outcome::NotFaster
        || node.outcome == Outcome::Ambiguous;
    if (!correct)
        return outcomeName(node.outcome).toUpper();
    const QString word =
        candidate.evaluation.comparison.isEmpty() ? QObject::tr("CORRECT") : candidate.evaluation.comparison;
    return ratio.measured() ? word + QLatin1Char(' ') + ratioText(ratio.value) : word;
}

QString verdictDetail(const CandidateView &candidate)
{
    const NodeView &node = candidate.node;
    switch (node.outcome) {
    case Outcome::Start: return QObject::tr("Speed-ups are against this kernel.");
    case Outcome::Running: return QObject::tr("In the gate now.");
    case Outcome::Waiting:
        return QObject::tr("Cut off before it was evaluated; continuing the search evaluates it first.");
    default: break;
    }
    QStringList parts;
    if (node.confirmed.measured()) {
        parts << QObject::tr("confirmed %1, at first %2")
                     .arg(intervalText(node.confirmed), ratioWithInterval(node.speedup));
    } else if (node.speedup.measured()) {
        parts << (candidate.refutation.isEmpty()
                      ? QObject::tr("95 % interval %1").arg(intervalText(node.speedup))
                      : QObject::tr("at first %1").arg(ratioWithInterval(node.speedup)));
        parts << (candidate.refutation.isEmpty() ? QObject::tr("measured once, not confirmed")
                                                 : candidate.refutation);
    } else if (!candidate.evaluation.verdict.isEmpty()) {
        parts << candidate.evaluation.verdict;
    }
    if (!candidate.evaluation.baseline.isEmpty())
        parts << QObject::tr("against %1").arg(candidate.evaluation.baseline);
    return parts.join(QStringLiteral(" · "));
}

QString inspectorHtml(const CandidateView &candidate)
{
    const EvaluationView &evaluation = candidate.evaluation;
    QString html;
    if (!evaluation.message.isEmpty())
        html += QStringLiteral("<p style='margin:4px 0'>%1</p>").arg(evaluation.message.toHtmlEscaped());
    if (!evaluation.reason.isEmpty())
        html += QStringLiteral("<p style='margin:4px 0'>%1</p>").arg(evaluation.reason.toHtmlEscaped());
    for (const Section &section : sections(candidate)) {
        html += sectionHtml(section);
        if (section.title == QObject::tr("Correctness"))
            html += lineageHtml(candidate);
    }
    if (!evaluation.buildLog.trimmed().isEmpty())
        html += QStringLiteral(
                    "<p style='margin:10px 0 2px 0'><b>%1</b></p><pre style='white-space:pre-wrap'>%2</pre>")
                    .arg(QObject::tr("Build log"), evaluation.buildLog.left(20000).toHtmlEscaped());
    return html;
}

QString inspectorPlainText(const CandidateView &candidate)
{
    QStringList lines {idText(candidate.node.id) + QLatin1Char(' ') + candidate.node.title,
                       verdictHeadline(candidate), verdictDetail(candidate)};
    for (const QString &line : {candidate.evaluation.message, candidate.evaluation.reason}) {
        if (!line.isEmpty())
            lines << line;
    }
    for (const StageView &stage : candidate.evaluation.stages)
        lines << QObject::tr("stage %1: %2, %3").arg(stage.name, stage.status, timeText(stage.ms * 1000));
    for (const Section &section : sections(candidate)) {
        if (section.rows.isEmpty())
            continue;
        lines << QString() << section.title;
        if (!section.columns.isEmpty())
            lines << section.columns.join(QLatin1Char('\t'));
        for (const QStringList &row : section.rows)
            lines << row.join(QLatin1Char('\t'));
        if (!section.note.isEmpty())
            lines << section.note;
    }
    if (!candidate.evaluation.buildLog.trimmed().isEmpty())
        lines << QString() << QObject::tr("Build log") << candidate.evaluation.buildLog;
    return lines.join(QLatin1Char('\n'));
}

} // namespace ww::ui
