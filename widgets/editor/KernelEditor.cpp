// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/KernelEditor.h"

#include "widgets/common/Theme.h"

#include <Qsci/qscicommandset.h>

#include <QEvent>
#include <QFontMetrics>

#include <algorithm>
#include <utility>

namespace ww::ui {

namespace {
enum Indicator { kErrorSquiggle = 8, kWarningSquiggle = 9, kPlanText = 10 };
enum Marker { kPlanLine = 1, kErrorMark = 2, kWarningMark = 3 };
constexpr int kNumberMargin = 0, kMarkMargin = 1;

Role roleOf(DiagnosticView::Severity severity)
{
    switch (severity) {
    case DiagnosticView::Severity::Error: return Role::ErrorBackground;
    case DiagnosticView::Severity::Warning: return Role::WarningBackground;
    case DiagnosticView::Severity::Note: return Role::InfoBackground;
    }
    return Role::InfoBackground;
}

QString severityText(DiagnosticView::Severity severity)
{
    switch (severity) {
    case DiagnosticView::Severity::Error: return QObject::tr("error");
    case DiagnosticView::Severity::Warning: return QObject::tr("warning");
    case DiagnosticView::Severity::Note: return QObject::tr("note");
    }
    return {};
}
} // namespace

KernelEditor::KernelEditor(QWidget *parent) : QsciScintilla(parent)
{
    setUtf8(true);
    // Scintilla's own line buffer is blurred on fine screens and wrong where a widget is painted into a
    // picture.
    SendScintilla(SCI_SETBUFFEREDDRAW, 0UL);
    setFrameShape(QFrame::NoFrame);
    setTabWidth(4);
    setIndentationsUseTabs(false);
    setAutoIndent(true);
    setBraceMatching(SloppyBraceMatch);
    setWrapMode(WrapNone);
    setScrollWidth(1);
    setScrollWidthTracking(true);
    setAnnotationDisplay(AnnotationIndented);
    setMarginType(kNumberMargin, NumberMargin);
    setMarginType(kMarkMargin, SymbolMargin);
    setMarginWidth(kMarkMargin, 14);
    setMarginMarkerMask(kMarkMargin, (1 << kErrorMark) | (1 << kWarningMark));
    markerDefine(Background, kPlanLine);
    markerDefine(RightTriangle, kErrorMark);
    markerDefine(RightTriangle, kWarningMark);
    indicatorDefine(SquiggleIndicator, kErrorSquiggle);
    indicatorDefine(SquiggleIndicator, kWarningSquiggle);
    indicatorDefine(TextColorIndicator, kPlanText);
    // The window's own keys come first: Ctrl+D shows the difference, Ctrl+T the tree.
    for (QsciCommand *command : standardCommands()->commands()) {
        for (const QKeyCombination key :
             {Qt::CTRL | Qt::Key_D, Qt::CTRL | Qt::Key_T, Qt::CTRL | Qt::SHIFT | Qt::Key_T}) {
            if (command->key() == key.toCombined())
                command->setKey(0);
        }
    }
    setLanguage(m_language);
    connect(this, &QsciScintilla::textChanged, this, &KernelEditor::markPlanLines);
    connect(this, &QsciScintilla::linesChanged, this, &KernelEditor::fitLineNumbers);
    fitLineNumbers();
}

void KernelEditor::setLanguage(KernelLexer::Language language)
{
    if (m_lexer && m_language == language)
        return;
    m_language = language;
    KernelLexer *old = std::exchange(m_lexer, new KernelLexer(language, this));
    setLexer(m_lexer);
    delete old;
    // Parameters are -D defines that the lexer cannot know: `#if` must not grey code out.
    SendScintilla(SCI_SETPROPERTY, "lexer.cpp.track.preprocessor", "0");
    restyle();
}

void KernelEditor::setSource(const QString &source)
{
    setDiagnostics({});
    const bool locked = isReadOnly();
    setReadOnly(false);
    setText(source);
    SendScintilla(SCI_EMPTYUNDOBUFFER);
    setReadOnly(locked);
    setModified(false);
    setCursorPosition(0, 0);
    SendScintilla(SCI_SETXOFFSET, 0);
}

void KernelEditor::setDiagnostics(const QList<DiagnosticView> &diagnostics)
{
    clearAnnotations();
    markerDeleteAll(kErrorMark);
    markerDeleteAll(kWarningMark);
    const int lastLine = lines() - 1;
    const auto lastColumn = static_cast<int>(text(lastLine).size());
    clearIndicatorRange(0, 0, lastLine, lastColumn, kErrorSquiggle);
    clearIndicatorRange(0, 0, lastLine, lastColumn, kWarningSquiggle);

    QMap<int, QList<DiagnosticView>> byLine;
    for (const DiagnosticView &diagnostic : diagnostics) {
        if (diagnostic.line >= 1 && diagnostic.line <= lines())
            byLine[diagnostic.line - 1].append(diagnostic);
    }
    for (auto it = byLine.cbegin(); it != byLine.cend(); ++it) {
        auto worst = DiagnosticView::Severity::Note;
        QStringList texts;
        for (const DiagnosticView &diagnostic : it.value()) {
            worst = std::max(worst, diagnostic.severity);
            texts << severityText(diagnostic.severity) + QStringLiteral(": ") + diagnostic.message.trimmed();
            underline(diagnostic);
        }
        annotate(it.key(), texts.join(QLatin1Char('\n')), m_annotationStyles[static_cast<size_t>(worst)]);
        markerAdd(it.key(), worst == DiagnosticView::Severity::Error ? kErrorMark : kWarningMark);
    }
}

void KernelEditor::underline(const DiagnosticView &diagnostic)
{
    const int line = diagnostic.line - 1;
    const QString content = text(line);
    const auto length = static_cast<int>(content.size());
    int from = 0;
    while (from < length && content[from].isSpace())
        ++from;
    int to = static_cast<int>(content.trimmed().size()) + from;
    if (diagnostic.column > 0 && diagnostic.column <= length) {
        from = diagnostic.column - 1;
        to = from + 1;
        while (to < length && (content[to].isLetterOrNumber() || content[to] == QLatin1Char('_')))
            ++to;
    }
    const bool error = diagnostic.severity == DiagnosticView::Severity::Error;
    fillIndicatorRange(line, from, line, to, error ? kErrorSquiggle : kWarningSquiggle);
}

void KernelEditor::showLine(int line)
{
    setCursorPosition(line - 1, 0);
    ensureLineVisible(line - 1);
}

void KernelEditor::markPlanLines()
{
    markerDeleteAll(kPlanLine);
    const int count = lines();
    clearIndicatorRange(0, 0, count - 1, static_cast<int>(text(count - 1).size()), kPlanText);
    const QStringList all = text().split(QLatin1Char('\n'));
    for (int line = 0; line < all.size(); ++line) {
        if (!all[line].trimmed().startsWith(QLatin1String("//@")))
            continue;
        markerAdd(line, kPlanLine);
        fillIndicatorRange(line, 0, line, static_cast<int>(all[line].size()), kPlanText);
    }
}

void KernelEditor::fitLineNumbers()
{
    setMarginWidth(kNumberMargin,
                   QString(QString::number(std::max(lines(), 10)).size() + 1, QLatin1Char('9')));
}

void KernelEditor::changeEvent(QEvent *event)
{
    QsciScintilla::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_restyling) {
        m_lexer->restyle();
        restyle();
    }
}

void KernelEditor::restyle()
{
    // Scintilla sets its own palette while being styled, which would call this again.
    m_restyling = true;
    const Theme &colors = theme();
    setColor(colors[Role::Text]);
    setPaper(colors[Role::Panel]);
    setCaretForegroundColor(colors[Role::Text]);
    setCaretLineVisible(true);
    setCaretLineBackgroundColor(colors[Role::CodeCurrentLine]);
    setSelectionBackgroundColor(colors[Role::CodeSelection]);
    resetSelectionForegroundColor();
    setMarginsBackgroundColor(colors[Role::CodeMargin]);
    setMarginsForegroundColor(colors[Role::DimText]);
    setMarginsFont(codeFont());
    setMatchedBraceBackgroundColor(colors[Role::CodeSelection]);
    setMatchedBraceForegroundColor(colors[Role::Text]);
    setUnmatchedBraceForegroundColor(colors[Role::OutcomeBuildError]);
    setMarkerBackgroundColor(colors[Role::CodePlanBackground], kPlanLine);
    setMarkerBackgroundColor(colors[Role::OutcomeBuildError], kErrorMark);
    setMarkerForegroundColor(colors[Role::OutcomeBuildError], kErrorMark);
    setMarkerBackgroundColor(colors[Role::OutcomeWrong], kWarningMark);
    setMarkerForegroundColor(colors[Role::OutcomeWrong], kWarningMark);
    setIndicatorForegroundColor(colors[Role::OutcomeBuildError], kErrorSquiggle);
    setIndicatorForegroundColor(colors[Role::OutcomeWrong], kWarningSquiggle);
    setIndicatorForegroundColor(colors[Role::CodePlan], kPlanText);
    for (size_t severity = 0; severity < m_annotationStyles.size(); ++severity) {
        QsciStyle &style = m_annotationStyles[severity];
        style.setColor(colors[Role::Text]);
        style.setPaper(colors[roleOf(static_cast<DiagnosticView::Severity>(severity))]);
        style.setFont(codeFont());
        style.apply(this);
    }
    m_restyling = false;
}

} // namespace ww::ui
