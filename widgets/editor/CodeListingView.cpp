// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/CodeListingView.h"

#include "widgets/common/Theme.h"
#include "widgets/editor/KernelLexer.h"

#include <QEvent>
#include <QKeyEvent>
#include <QTextBlock>

namespace ww::ui {

CodeListingView::CodeListingView(const QString &name, QWidget *parent) : QPlainTextEdit(parent)
{
    setAccessibleName(name);
    setReadOnly(true);
    setFrameShape(QFrame::NoFrame);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setFont(codeFont());
    setToolTip(tr("The number is the line of the source. Double click or Enter goes there."));
}

void CodeListingView::showCode(const QList<CodeLineView> &lines, const QString &note)
{
    m_lines = lines;
    m_marked = 0;
    if (lines.isEmpty()) {
        setPlainText(note);
        setExtraSelections({});
        return;
    }
    QStringList shown;
    for (const CodeLineView &line : lines)
        shown << QStringLiteral("%1  %2")
                     .arg(line.sourceLine > 0 ? QString::number(line.sourceLine) : QString(), 5)
                     .arg(line.text);
    setPlainText(shown.join(QLatin1Char('\n')));
    mark();
}

void CodeListingView::markSourceLine(int line)
{
    m_marked = line;
    mark();
    for (int i = 0; i < m_lines.size(); ++i) {
        if (line > 0 && m_lines[i].sourceLine == line) {
            setTextCursor(QTextCursor(document()->findBlockByNumber(i)));
            centerCursor();
            return;
        }
    }
}

void CodeListingView::mark()
{
    QList<QTextEdit::ExtraSelection> marks;
    for (int i = 0; i < m_lines.size() && m_marked > 0; ++i) {
        if (m_lines[i].sourceLine != m_marked)
            continue;
        QTextEdit::ExtraSelection selection;
        selection.cursor = QTextCursor(document()->findBlockByNumber(i));
        selection.format.setBackground(theme()[Role::CodePlanBackground]);
        selection.format.setProperty(QTextFormat::FullWidthSelection, true);
        marks.append(selection);
    }
    setExtraSelections(marks);
}

void CodeListingView::jump()
{
    const int line = m_lines.value(textCursor().blockNumber()).sourceLine;
    if (line > 0)
        emit sourceLineWanted(line);
}

void CodeListingView::mouseDoubleClickEvent(QMouseEvent *event)
{
    QPlainTextEdit::mouseDoubleClickEvent(event);
    jump();
}

void CodeListingView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        jump();
    else
        QPlainTextEdit::keyPressEvent(event);
}

void CodeListingView::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        mark();
}

} // namespace ww::ui
