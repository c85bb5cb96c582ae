// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTabBar;

namespace ww::ui {

class CodeListingView;
class ConversationView;
class DiffView;
class EmptyState;
class KernelEditor;
class ParameterRow;

/// The shown candidate's source and parameters. Editing makes a draft that is kept per candidate until it
/// is evaluated or reverted; evaluating asks for a new candidate under the shown one.
class CandidatePane final : public QWidget {
    Q_OBJECT
public:
    explicit CandidatePane(QWidget *parent = nullptr);

    void setLanguage(const QString &taskLanguage);
    /// Shows a candidate; the same one again keeps caret, scroll and draft and renews the messages.
    void showCandidate(const CandidateView &candidate);
    /// Nothing is selected, or another session: drafts go when `forgetDrafts`.
    void clear(bool forgetDrafts);
    /// `why` says why edits cannot be evaluated here; empty when they can.
    void setCannotEvaluate(const QString &why);
    /// The edit under `parent` has become a candidate: its draft is done with.
    void editAccepted(CandidateId parent);
    /// The edit could not be evaluated: its draft stays.
    void editRefused();

    /// What the compiler said of the source that was asked about; an answer to another text is dropped.
    void showCheck(const CheckView &check);

    /// Whether advice for the next candidate can be given: a model or a person makes candidates.
    void setTakesHints(bool takes);

    [[nodiscard]] QAction *evaluateAction() { return m_evaluate; }
    [[nodiscard]] QAction *revertAction() { return m_revert; }
    [[nodiscard]] QAction *diffAction() { return m_diffAction; }
    [[nodiscard]] KernelEditor *editor() { return m_editor; }
    [[nodiscard]] DiffView *diffView() { return m_diff; }
    [[nodiscard]] EmptyState *emptyState() { return m_empty; }
    [[nodiscard]] bool hasDraft() const;

signals:
    void evaluateRequested(ww::ui::CandidateId parent, const QString &source,
                           const QMap<QString, qint64> &parameters, const QString &title);
    /// The edit has rested for a moment: it can be compiled.
    void checkRequested(const QString &source, const QMap<QString, qint64> &parameters);
    void candidateLinked(ww::ui::CandidateId id);
    void hintGiven(ww::ui::CandidateId id, const QString &text);

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Draft {
        QString source;
        QMap<QString, qint64> parameters;
    };
    void buildActions();
    QWidget *buildHeader();
    QWidget *buildSourcePage();
    void showTab(int tab);
    void giveHint();
    void edited();
    void planChanged();
    void evaluate();
    void revert();
    void showDiff();
    void updateHeader();
    void showDiagnostics();
    void askForCode();
    void showCode();
    void showCompiled();
    [[nodiscard]] bool isChecked() const; ///< the compiler has answered for the shown text
    [[nodiscard]] QString draftTitle() const;

    QLabel *m_title;
    QLabel *m_state;
    QTabBar *m_tabs;
    QStackedWidget *m_stack;
    QStackedWidget *m_pages;
    QLabel *m_diffText;
    KernelEditor *m_editor;
    DiffView *m_diff;
    ConversationView *m_conversation;
    CodeListingView *m_ptx;
    CodeListingView *m_sass;
    QLineEdit *m_hint;
    ParameterRow *m_parameters;
    QLabel *m_compiled; ///< what the compiler says of the shown text
    EmptyState *m_empty;
    QAction *m_evaluate;
    QAction *m_revert;
    QAction *m_diffAction;
    QTimer m_planTimer;
    CandidateView m_candidate;
    PlanView m_plan;
    CheckView m_check; ///< the compiler's last answer
    QHash<CandidateId, Draft> m_drafts;
    QString m_cannotEvaluate;
    CandidateId m_requested = kNoCandidate; ///< whose draft is on its way to the gate
    bool m_filling = false;
};

} // namespace ww::ui
