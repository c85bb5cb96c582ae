// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff/DiffView.h"

#include "widgets/common/Theme.h"
#include "widgets/diff/LineDiff.h"

#include <algorithm>

namespace ww::ui {

namespace {
enum Marker { kAddedLine = 5, kRemovedLine = 6 };
constexpr int kMargin = 0;
} // namespace

DiffView::DiffView(QWidget *parent) : KernelEditor(parent)
{
    setReadOnly(true);
    setMarginType(kMargin, TextMarginRightJustified);
    setMarginWidth(1, 0);
    markerDefine(Background, kAddedLine);
    markerDefine(Background, kRemovedLine);
    restyle();
}

void DiffView::restyle()
{
    KernelEditor::restyle();
    setMarkerBackgroundColor(theme()[Role::DiffAdded], kAddedLine);
    setMarkerBackgroundColor(theme()[Role::DiffRemoved], kRemovedLine);
    m_marginStyle.setColor(theme()[Role::DimText]);
    m_marginStyle.setPaper(theme()[Role::CodeMargin]);
    m_marginStyle.setFont(codeFont());
    m_marginStyle.apply(this);
}

QString DiffView::showDiff(const QString &before, const QString &after)
{
    const LineDiff diff = diffLines(before, after);
    QStringList texts;
    for (const DiffLine &line : diff.lines)
        texts << line.text;
    setSource(texts.join(QLatin1Char('\n')));
    markerDeleteAll(kAddedLine);
    markerDeleteAll(kRemovedLine);
    clearMarginText();
    m_changes.clear();

    const auto digits = static_cast<int>(QString::number(std::max<qsizetype>(diff.lines.size(), 10)).size());
    const auto number = [digits](int line) {
        return (line > 0 ? QString::number(line) : QString()).rightJustified(digits);
    };
    bool inRun = false;
    for (int i = 0; i < diff.lines.size(); ++i) {
        const DiffLine &line = diff.lines[i];
        const bool changed = line.kind != DiffLine::Kind::Same;
        const QChar sign = line.kind == DiffLine::Kind::Added ? QLatin1Char('+')
            : line.kind == DiffLine::Kind::Removed            ? QChar(u'−')
                                                              : QLatin1Char(' ');
        setMarginText(
            i, number(line.oldLine) + QLatin1Char(' ') + number(line.newLine) + QLatin1Char(' ') + sign,
            m_marginStyle);
        if (changed)
            markerAdd(i, line.kind == DiffLine::Kind::Added ? kAddedLine : kRemovedLine);
        if (changed && !inRun)
            m_changes.append(i);
        inRun = changed;
    }
    setMarginWidth(kMargin, QString(2 * digits + 4, QLatin1Char('9')));
    if (!m_changes.isEmpty())
        goTo(m_changes.first());
    if (m_changes.isEmpty())
        return tr("no difference in the source");
    const QString text = tr("%1 lines added, %2 removed").arg(diff.added).arg(diff.removed);
    return diff.coarse ? text + tr(" (too different for a line-by-line comparison: shown as one block)")
                       : text;
}

void DiffView::goTo(int line)
{
    setFirstVisibleLine(std::max(0, line - 4));
    setCursorPosition(line, 0);
}

void DiffView::nextChange()
{
    int line = 0, column = 0;
    getCursorPosition(&line, &column);
    const auto next = std::upper_bound(m_changes.begin(), m_changes.end(), line);
    if (next != m_changes.end())
        goTo(*next);
}

void DiffView::previousChange()
{
    int line = 0, column = 0;
    getCursorPosition(&line, &column);
    const auto here = std::lower_bound(m_changes.begin(), m_changes.end(), line);
    if (here != m_changes.begin())
        goTo(*std::prev(here));
}

} // namespace ww::ui
