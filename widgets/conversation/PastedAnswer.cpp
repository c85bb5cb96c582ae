// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/conversation/PastedAnswer.h"

#include "widgets/editor/KernelLexer.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace ww::ui {

PastedAnswer::PastedAnswer(QWidget *parent)
    : QWidget(parent),
      m_title(new QLabel),
      m_text(new QPlainTextEdit),
      m_answer(new QPlainTextEdit),
      m_use(new QPushButton(tr("Use this answer")))
{
    m_text->setObjectName(QStringLiteral("questionText"));
    m_text->setAccessibleName(tr("Question for the model"));
    m_text->setReadOnly(true);
    m_answer->setObjectName(QStringLiteral("answerText"));
    m_answer->setAccessibleName(tr("Answer of the model"));
    m_answer->setPlaceholderText(tr("Paste the whole answer here, as the model wrote it."));
    for (QPlainTextEdit *edit : {m_text, m_answer}) {
        edit->setFont(codeFont());
        edit->setTabChangesFocus(true);
    }
    m_use->setObjectName(QStringLiteral("useAnswer"));
    m_use->setProperty("primary", true);
    m_use->setEnabled(false);
    auto *copy = new QPushButton(tr("Copy the question"));
    copy->setObjectName(QStringLiteral("copyQuestion"));

    auto *row = new QHBoxLayout;
    row->addWidget(m_title, 1);
    row->addWidget(copy);
    row->addWidget(m_use);
    auto *sides = new QHBoxLayout;
    sides->addWidget(m_text, 1);
    sides->addWidget(m_answer, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addLayout(sides, 1);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_question.text); });
    connect(m_answer, &QPlainTextEdit::textChanged, this,
            [this] { m_use->setEnabled(!m_answer->toPlainText().trimmed().isEmpty()); });
    connect(m_use, &QPushButton::clicked, this, [this] {
        m_use->setEnabled(false);
        emit answered(m_question.number, m_answer->toPlainText());
    });
}

void PastedAnswer::showQuestion(const OpenQuestionView &question)
{
    if (question.number == m_question.number && question.text == m_question.text)
        return;
    m_question = question;
    m_title->setText(tr("Copy the question into a model's chat, then paste its answer"));
    m_text->setPlainText(question.text);
    m_answer->clear();
}

} // namespace ww::ui
