// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QMap>
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QStackedWidget;

namespace ww::ui {

class EmptyState;
class PastedAnswer;

/// "Model now": answers as they are being written, one step at a time to read, and what all of them cost.
/// Where a person carries questions, the question that waits.
class ModelPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ModelPanel(QWidget *parent = nullptr);

    /// A model is asked for a candidate of that step.
    void beginStep(int step, const QString &about);
    void addText(int step, const QString &piece);
    /// Its candidate is there, or there will be none.
    void endStep(int step);
    /// The questions that wait for a person; none: the panel shows what is streamed.
    void setQuestions(const QList<OpenQuestionView> &questions);
    void setSpending(const SpendingView &spending);
    void clear();
    [[nodiscard]] EmptyState *emptyState() { return m_empty; }

signals:
    void answered(quint64 number, const QString &text);

private:
    struct Answer {
        QString about;
        QString text; ///< the last kTextLimit characters
        qint64 length = 0; ///< of all of it
        bool open = true;
    };
    void refresh();
    void fillSteps();
    [[nodiscard]] int shownStep() const;

    QComboBox *m_steps;
    QLabel *m_state;
    QLabel *m_spending;
    QStackedWidget *m_pages;
    EmptyState *m_empty;
    QPlainTextEdit *m_text;
    PastedAnswer *m_pasted;
    QMap<int, Answer> m_answers; ///< open ones, and the last that ended
    QList<OpenQuestionView> m_questions;
    QTimer m_timer; ///< many pieces, one repaint
    int m_written = -1; ///< step whose text stands in m_text …
    qint64 m_writtenLength = 0; ///< … and how much of it
};

} // namespace ww::ui
