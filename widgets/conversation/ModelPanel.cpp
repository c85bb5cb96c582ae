// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/conversation/ModelPanel.h"

#include "widgets/common/EmptyState.h"
#include "widgets/common/FlowLayout.h"
#include "widgets/conversation/ConversationText.h"
#include "widgets/conversation/PastedAnswer.h"
#include "widgets/editor/KernelLexer.h"

#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace ww::ui {

namespace {
enum Page { kEmptyPage, kTextPage, kPastedPage };
constexpr qsizetype kTextLimit = 200'000; // characters kept of an answer that does not end
constexpr int kRefreshInterval = 60; // ms
} // namespace

ModelPanel::ModelPanel(QWidget *parent)
    : QWidget(parent),
      m_steps(new QComboBox),
      m_state(new QLabel),
      m_spending(new QLabel),
      m_pages(new QStackedWidget),
      m_empty(new EmptyState(tr("No model is asked"),
                             tr("Candidates come from the task's catalogue. Set up a model, choose it in the "
                                "toolbar, and its answers are written here as they come."))),
      m_text(new QPlainTextEdit),
      m_pasted(new PastedAnswer)
{
    setObjectName(QStringLiteral("modelPanel"));
    m_steps->setObjectName(QStringLiteral("modelSteps"));
    m_steps->setAccessibleName(tr("Step that a model is asked for"));
    m_steps->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_state->setProperty("dim", true);
    m_spending->setObjectName(QStringLiteral("modelSpending"));
    m_spending->setProperty("dim", true);
    m_text->setObjectName(QStringLiteral("modelText"));
    m_text->setAccessibleName(tr("Answer as it is being written"));
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setFont(codeFont());
    m_text->setUndoRedoEnabled(false);

    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_text);
    m_pages->addWidget(m_pasted);
    auto *row = new FlowLayout(8);
    for (QWidget *part : {static_cast<QWidget *>(m_steps), static_cast<QWidget *>(m_state),
                          static_cast<QWidget *>(m_spending)}) {
        part->setFixedHeight(m_steps->sizeHint().height());
        row->addWidget(part);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->setSpacing(4);
    layout->addLayout(row);
    layout->addWidget(m_pages, 1);

    m_timer.setSingleShot(true);
    m_timer.setInterval(kRefreshInterval);
    connect(&m_timer, &QTimer::timeout, this, &ModelPanel::refresh);
    connect(m_steps, &QComboBox::currentIndexChanged, this, &ModelPanel::refresh);
    connect(m_pasted, &PastedAnswer::answered, this, &ModelPanel::answered);
    clear();
}

void ModelPanel::clear()
{
    m_answers.clear();
    m_questions.clear();
    m_written = -1;
    m_text->clear();
    m_spending->clear();
    fillSteps();
    refresh();
}

void ModelPanel::beginStep(int step, const QString &about)
{
    for (const int other : m_answers.keys()) {
        if (!m_answers[other].open)
            m_answers.remove(other);
    }
    m_answers[step] = {about, {}, 0, true};
    fillSteps();
    refresh();
}

void ModelPanel::addText(int step, const QString &piece)
{
    const bool known = m_answers.contains(step);
    Answer &answer = m_answers[step];
    answer.text += piece;
    answer.length += piece.size();
    if (answer.text.size() > 2 * kTextLimit)
        answer.text = answer.text.right(kTextLimit);
    if (!known)
        fillSteps();
    if (!m_timer.isActive())
        m_timer.start();
}

void ModelPanel::endStep(int step)
{
    if (!m_answers.contains(step))
        return;
    m_answers[step].open = false;
    const auto open =
        std::count_if(m_answers.cbegin(), m_answers.cend(), [](const Answer &a) { return a.open; });
    if (open > 0) // the last one stays to be read
        m_answers.remove(step);
    fillSteps();
    refresh();
}

void ModelPanel::setQuestions(const QList<OpenQuestionView> &questions)
{
    m_questions = questions;
    fillSteps();
    refresh();
}

void ModelPanel::setSpending(const SpendingView &spending)
{
    m_spending->setText(spendingLine(spending));
    m_spending->setToolTip(m_spending->text());
}

int ModelPanel::shownStep() const
{
    return m_steps->currentIndex() < 0 ? -1 : m_steps->currentData().toInt();
}

void ModelPanel::fillSteps()
{
    const int before = shownStep();
    const QSignalBlocker quiet(m_steps);
    m_steps->clear();
    if (m_questions.isEmpty()) {
        for (auto it = m_answers.cbegin(); it != m_answers.cend(); ++it)
            m_steps->addItem(it->about.isEmpty() ? tr("step %1").arg(it.key())
                                                 : tr("step %1 · %2").arg(it.key()).arg(it->about),
                             it.key());
    }
    for (const OpenQuestionView &question : std::as_const(m_questions))
        m_steps->addItem(tr("question %1").arg(question.number), static_cast<int>(question.number));
    m_steps->setCurrentIndex(std::max(m_steps->findData(before), m_steps->count() > 0 ? 0 : -1));
    m_steps->setVisible(m_steps->count() > 0);
}

void ModelPanel::refresh()
{
    const int step = shownStep();
    for (const OpenQuestionView &question : std::as_const(m_questions)) {
        if (static_cast<int>(question.number) != step)
            continue;
        m_state->setText(tr("waits for you"));
        m_pasted->showQuestion(question);
        m_pages->setCurrentIndex(kPastedPage);
        return;
    }
    if (!m_answers.contains(step)) {
        m_state->clear();
        m_pages->setCurrentIndex(kEmptyPage);
        return;
    }
    const Answer &answer = m_answers[step];
    m_state->setText(answer.length == 0 ? tr("asked, no text yet")
                         : answer.open  ? tr("%1 characters so far").arg(countText(answer.length))
                                        : tr("%1 characters").arg(countText(answer.length)));
    QScrollBar *bar = m_text->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 4;
    const qint64 fresh = answer.length - m_writtenLength;
    if (m_written == step && fresh >= 0 && fresh <= answer.text.size()) {
        QTextCursor end(m_text->document());
        end.movePosition(QTextCursor::End);
        end.insertText(answer.text.right(fresh));
    } else {
        m_text->setPlainText(answer.text);
    }
    m_written = step;
    m_writtenLength = answer.length;
    if (atEnd)
        bar->setValue(bar->maximum());
    m_pages->setCurrentIndex(kTextPage);
}

} // namespace ww::ui
