// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace ww::ui {

/// For a person who carries questions to a model by hand: the question to copy, and a place to paste the
/// answer.
class PastedAnswer final : public QWidget {
    Q_OBJECT
public:
    explicit PastedAnswer(QWidget *parent = nullptr);
    /// Shows a question; the same one again keeps what was pasted.
    void showQuestion(const OpenQuestionView &question);

signals:
    void answered(quint64 number, const QString &text);

private:
    OpenQuestionView m_question;
    QLabel *m_title;
    QPlainTextEdit *m_text;
    QPlainTextEdit *m_answer;
    QPushButton *m_use;
};

} // namespace ww::ui
