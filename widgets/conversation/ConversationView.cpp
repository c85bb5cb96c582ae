// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/conversation/ConversationView.h"

#include "widgets/conversation/ConversationText.h"
#include "widgets/editor/KernelLexer.h"

#include <QEvent>
#include <QMimeData>
#include <QScrollBar>
#include <QTextDocumentFragment>

namespace ww::ui {

ConversationView::ConversationView(QWidget *parent) : QTextBrowser(parent)
{
    setObjectName(QStringLiteral("conversationView"));
    setAccessibleName(tr("What the model was asked and answered"));
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    document()->setDocumentMargin(12);
    refresh();
}

void ConversationView::showCalls(const QList<ModelCallView> &calls)
{
    const int place = verticalScrollBar()->value();
    const bool grew =
        !m_calls.isEmpty() && calls.size() >= m_calls.size() && calls.first().step == m_calls.first().step;
    m_calls = calls;
    refresh();
    verticalScrollBar()->setValue(grew ? place : 0);
}

void ConversationView::refresh()
{
    document()->setDefaultStyleSheet(QStringLiteral("pre { font-family: '%1'; }").arg(codeFont().family()));
    if (m_calls.isEmpty())
        setHtml(
            tr("<p><b>No model was asked for this candidate</b></p><p>It comes from the task's catalogue, a "
               "tuner or a person. Questions and answers stand here where a model made it.</p>"));
    else
        setHtml(conversationHtml(m_calls));
}

QMimeData *ConversationView::createMimeDataFromSelection() const
{
    auto *copied = new QMimeData; // as text alone: what is pasted elsewhere is code
    copied->setText(textCursor().selection().toPlainText());
    return copied;
}

void ConversationView::changeEvent(QEvent *event)
{
    QTextBrowser::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

} // namespace ww::ui
