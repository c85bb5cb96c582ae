// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/CandidatePane.h"

#include "widgets/bridge/PlanReading.h"
#include "widgets/common/EmptyState.h"
#include "widgets/common/Format.h"
#include "widgets/common/PanelHeader.h"
#include "widgets/conversation/ConversationView.h"
#include "widgets/diff/DiffView.h"
#include "widgets/editor/CandidateTitle.h"
#include "widgets/editor/CodeListingView.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/editor/ParameterRow.h"
#include "widgets/editor/ResourceText.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <utility>

namespace ww::ui {

namespace {

enum Tab { kSourceTab, kDiffTab, kPtxTab, kSassTab, kModelTab };
constexpr int kPlanDelay = 250; // ms after the last key

QString parameterChanges(const QMap<QString, qint64> &from, const QMap<QString, qint64> &to)
{
    QStringList changes;
    for (auto it = to.cbegin(); it != to.cend(); ++it) {
        if (!from.contains(it.key()))
            changes << QStringLiteral("%1 = %2").arg(it.key()).arg(it.value());
        else if (from[it.key()] != it.value())
            changes << QStringLiteral("%1 %2→%3").arg(it.key()).arg(from[it.key()]).arg(it.value());
    }
    return changes.join(QStringLiteral(", "));
}

} // namespace

CandidatePane::CandidatePane(QWidget *parent)
    : QWidget(parent),
      m_title(new QLabel),
      m_state(new QLabel),
      m_tabs(new QTabBar),
      m_stack(new QStackedWidget),
      m_pages(new QStackedWidget),
      m_diffText(new QLabel),
      m_editor(new KernelEditor),
      m_diff(new DiffView),
      m_conversation(new ConversationView),
      m_ptx(new CodeListingView(tr("PTX of the candidate"))),
      m_sass(new CodeListingView(tr("Machine code of the candidate"))),
      m_hint(new QLineEdit),
      m_parameters(new ParameterRow),
      m_compiled(new QLabel),
      m_empty(new EmptyState(
          tr("No candidate chosen"),
          tr("Choose a mark in the tree to read its source, edit it and evaluate your version.")))
{
    buildActions();
    m_editor->setObjectName(QStringLiteral("sourceEditor"));
    m_editor->setAccessibleName(tr("Source of the candidate"));
    m_diff->setObjectName(QStringLiteral("diffView"));
    m_diff->setAccessibleName(tr("Difference to the parent"));
    m_diffText->setProperty("dim", true);
    m_diffText->setContentsMargins(8, 4, 8, 4);
    m_diffText->setWordWrap(true);
    m_hint->setObjectName(QStringLiteral("hint"));
    m_hint->setAccessibleName(tr("Hint for the model"));
    m_hint->setPlaceholderText(
        tr("Hint for the next candidate made from this one, e.g. “keep a row in registers”"));
    m_hint->setToolTip(tr("Goes into the next prompt for a candidate made from the shown one, once"));
    m_hint->setMaxLength(2000);
    m_hint->hide();
    m_compiled->setObjectName(QStringLiteral("compileState"));
    m_compiled->setAccessibleName(tr("What the compiler says"));
    m_compiled->setProperty("dim", true);
    m_compiled->setContentsMargins(8, 0, 8, 4);
    m_compiled->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_compiled->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    auto *diffPage = new QWidget;
    auto *diffLayout = new QVBoxLayout(diffPage);
    diffLayout->setContentsMargins(0, 0, 0, 0);
    diffLayout->setSpacing(0);
    diffLayout->addWidget(m_diffText);
    diffLayout->addWidget(m_diff, 1);
    m_stack->addWidget(m_editor);
    m_stack->addWidget(diffPage);
    m_stack->addWidget(m_ptx);
    m_stack->addWidget(m_sass);
    m_stack->addWidget(m_conversation);

    auto *page = new QWidget;
    auto *pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 0, 0);
    pageLayout->setSpacing(0);
    pageLayout->addWidget(buildHeader());
    pageLayout->addWidget(m_stack, 1);
    pageLayout->addWidget(m_parameters);
    pageLayout->addWidget(m_compiled);
    auto *hintRow = new QHBoxLayout;
    hintRow->setContentsMargins(8, 0, 8, 6);
    hintRow->addWidget(m_hint);
    pageLayout->addLayout(hintRow);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(page);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    m_planTimer.setSingleShot(true);
    connect(&m_planTimer, &QTimer::timeout, this, &CandidatePane::planChanged);
    connect(m_editor, &QsciScintilla::textChanged, this, &CandidatePane::edited);
    connect(m_parameters, &ParameterRow::edited, this, &CandidatePane::edited);
    connect(m_tabs, &QTabBar::currentChanged, this, &CandidatePane::showTab);
    for (CodeListingView *view : {m_ptx, m_sass})
        connect(view, &CodeListingView::sourceLineWanted, this, [this](int line) {
            m_tabs->setCurrentIndex(kSourceTab);
            m_editor->showLine(line);
            m_editor->setFocus();
        });
    connect(m_hint, &QLineEdit::editingFinished, this, &CandidatePane::giveHint);
    setLanguage(QStringLiteral("opencl"));
    clear(true);
}

void CandidatePane::buildActions()
{
    m_evaluate = new QAction(tr("&Evaluate this version"), this);
    m_evaluate->setObjectName(QStringLiteral("evaluate"));
    m_evaluate->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    m_revert = new QAction(tr("Re&vert the edit"), this);
    m_revert->setObjectName(QStringLiteral("revert"));
    m_diffAction = new QAction(tr("&Diff with parent"), this);
    m_diffAction->setObjectName(QStringLiteral("diff"));
    m_diffAction->setCheckable(true);
    m_diffAction->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_D));
    connect(m_evaluate, &QAction::triggered, this, &CandidatePane::evaluate);
    connect(m_revert, &QAction::triggered, this, &CandidatePane::revert);
    connect(m_diffAction, &QAction::triggered, this,
            [this](bool on) { m_tabs->setCurrentIndex(on ? kDiffTab : kSourceTab); });
}

QWidget *CandidatePane::buildHeader()
{
    auto *header = new PanelHeader;
    m_tabs->addTab(tr("Source"));
    m_tabs->addTab(tr("Diff with parent"));
    m_tabs->addTab(tr("PTX"));
    m_tabs->addTab(tr("SASS"));
    m_tabs->setTabToolTip(kPtxTab, tr("NVIDIA's intermediate code, made by the compiler for this source"));
    m_tabs->setTabToolTip(kSassTab, tr("Machine code of the GPU, made by the compiler for this source"));
    m_tabs->addTab(tr("Model"));
    m_tabs->setTabToolTip(kModelTab, tr("What a model was asked for this candidate, and what it answered"));
    m_tabs->setAccessibleName(tr("Source or difference"));
    m_tabs->setDrawBase(false);
    m_title->setObjectName(QStringLiteral("candidateTitle"));
    m_title->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_title->setAccessibleName(tr("Shown candidate"));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_state->setObjectName(QStringLiteral("draftState"));
    auto *evaluateButton = new QPushButton(tr("Evaluate"));
    evaluateButton->setProperty("primary", true);
    auto *revertButton = new QPushButton(tr("Revert"));
    revertButton->setProperty("flat", true);
    const auto follow = [](QPushButton *button, QAction *action) {
        const auto copy = [button, action] {
            button->setEnabled(action->isEnabled());
            button->setToolTip(action->toolTip());
        };
        QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
        QObject::connect(action, &QAction::changed, button, copy);
        copy();
    };
    follow(evaluateButton, m_evaluate);
    follow(revertButton, m_revert);
    connect(m_revert, &QAction::changed, revertButton,
            [this, revertButton] { revertButton->setVisible(m_revert->isEnabled()); });
    revertButton->hide();
    header->add(m_tabs);
    header->add(m_title, 1);
    header->add(m_state);
    header->add(revertButton);
    header->add(evaluateButton);
    connect(m_title, &QLabel::linkActivated, this,
            [this](const QString &link) { emit candidateLinked(link.toLongLong()); });
    return header;
}

void CandidatePane::showTab(int tab)
{
    m_stack->setCurrentIndex(tab);
    m_parameters->setVisible(tab == kSourceTab);
    m_compiled->setVisible(tab == kSourceTab && !m_compiled->text().isEmpty());
    m_diffAction->setChecked(tab == kDiffTab);
    if (tab == kDiffTab)
        showDiff();
    else if (tab == kPtxTab || tab == kSassTab)
        askForCode();
}

void CandidatePane::askForCode()
{
    if (m_candidate.node.id == kNoCandidate)
        return;
    if (!isChecked())
        emit checkRequested(m_editor->source(), m_parameters->values());
    showCode();
}

void CandidatePane::showCode()
{
    const bool known = isChecked();
    const QString note = !known      ? tr("compiling…")
        : !m_check.problem.isEmpty() ? m_check.problem
        : !m_check.compiled          ? tr("does not compile: %1").arg(m_check.message)
                                     : tr("This compiler shows no such code.");
    m_ptx->showCode(known ? m_check.ptx : QList<CodeLineView> {}, note);
    QList<CodeLineView> sass = known ? m_check.sass : QList<CodeLineView> {};
    for (const QString &finding : std::as_const(m_check.findings)) {
        if (!sass.isEmpty())
            sass.prepend({QStringLiteral("// ") + finding, 0});
    }
    m_sass->showCode(sass, known && !m_check.codeProblem.isEmpty() ? m_check.codeProblem : note);
    int line = 0, column = 0;
    m_editor->getCursorPosition(&line, &column);
    for (CodeListingView *view : {m_ptx, m_sass})
        view->markSourceLine(line + 1);
}

void CandidatePane::setTakesHints(bool takes)
{
    m_hint->setVisible(takes);
}

void CandidatePane::giveHint()
{
    const CandidateId id = m_candidate.node.id;
    if (id == kNoCandidate || m_hint->text().trimmed() == m_candidate.hint)
        return;
    m_candidate.hint = m_hint->text().trimmed();
    emit hintGiven(id, m_candidate.hint);
}

void CandidatePane::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateHeader();
}

void CandidatePane::setLanguage(const QString &taskLanguage)
{
    const bool cuda = taskLanguage == QLatin1String("cuda");
    m_tabs->setTabVisible(kPtxTab, cuda);
    m_tabs->setTabVisible(kSassTab, cuda);
    m_editor->setLanguage(lexerLanguage(taskLanguage));
    m_diff->setLanguage(lexerLanguage(taskLanguage));
}

bool CandidatePane::hasDraft() const
{
    return m_drafts.contains(m_candidate.node.id);
}

void CandidatePane::showCandidate(const CandidateView &candidate)
{
    const bool same = candidate.node.id == m_candidate.node.id && m_pages->currentIndex() == 1
        && candidate.source == m_candidate.source;
    if (!same)
        giveHint(); // what was typed for the one shown before
    m_candidate = candidate;
    if (!same || !m_hint->hasFocus())
        m_hint->setText(candidate.hint);
    m_conversation->showCalls(candidate.calls);
    m_pages->setCurrentIndex(1);
    if (!same) {
        const Draft shown = m_drafts.value(candidate.node.id, Draft {candidate.source, candidate.parameters});
        m_filling = true;
        m_editor->setSource(shown.source);
        m_plan = hasDraft() ? readPlan(shown.source) : candidate.plan;
        m_parameters->show(m_plan.tunables, shown.parameters);
        m_filling = false;
    }
    showDiagnostics();
    updateHeader();
    if (m_tabs->currentIndex() == kDiffTab && !same)
        showDiff();
    else if (m_tabs->currentIndex() == kPtxTab || m_tabs->currentIndex() == kSassTab)
        askForCode();
}

void CandidatePane::clear(bool forgetDrafts)
{
    if (forgetDrafts) {
        m_drafts.clear();
        m_requested = kNoCandidate;
    }
    m_candidate = {};
    m_candidate.node.id = kNoCandidate;
    m_pages->setCurrentIndex(0);
    updateHeader();
}

void CandidatePane::setCannotEvaluate(const QString &why)
{
    m_cannotEvaluate = why;
    updateHeader();
}

void CandidatePane::edited()
{
    if (m_filling || m_candidate.node.id == kNoCandidate)
        return;
    const Draft draft {m_editor->source(), m_parameters->values()};
    if (draft.source == m_candidate.source && draft.parameters == m_candidate.parameters)
        m_drafts.remove(m_candidate.node.id);
    else
        m_drafts[m_candidate.node.id] = draft;
    m_planTimer.start(kPlanDelay);
    updateHeader();
}

void CandidatePane::planChanged()
{
    if (m_candidate.node.id == kNoCandidate)
        return;
    const QMap<QString, qint64> chosen = m_parameters->values();
    m_plan = readPlan(m_editor->source());
    m_filling = true;
    m_parameters->show(m_plan.tunables, chosen);
    m_filling = false;
    if (hasDraft())
        m_drafts[m_candidate.node.id].parameters = m_parameters->values();
    showDiagnostics();
    if (hasDraft() && !isChecked())
        emit checkRequested(m_editor->source(), m_parameters->values());
}

bool CandidatePane::isChecked() const
{
    return m_check.source == m_editor->source() && m_check.parameters == m_parameters->values();
}

void CandidatePane::showCheck(const CheckView &check)
{
    m_check = check;
    if (m_tabs->currentIndex() == kPtxTab || m_tabs->currentIndex() == kSassTab)
        showCode();
    if (m_candidate.node.id != kNoCandidate && hasDraft() && isChecked())
        showDiagnostics();
}

void CandidatePane::showCompiled()
{
    QString said;
    if (hasDraft() && !isChecked())
        said = QString();
    else if (hasDraft() && !m_check.problem.isEmpty())
        said = m_check.problem;
    else if (hasDraft())
        said = m_check.compiled ? tr("compiles") + QStringLiteral(" · ") + resourceText(m_check.resources)
                                : tr("does not compile: %1").arg(m_check.message);
    else
        said = resourceText(m_candidate.evaluation.resources);
    m_compiled->setText(said);
    m_compiled->setToolTip(said);
    m_compiled->setVisible(!said.isEmpty() && m_tabs->currentIndex() == kSourceTab);
}

void CandidatePane::showDiagnostics()
{
    // The compiler spoke of the evaluated text; over an edit only what is said of that edit holds.
    const bool edit = hasDraft() && m_drafts[m_candidate.node.id].source != m_candidate.source;
    QList<DiagnosticView> shown = m_plan.diagnostics;
    if (!edit && !m_candidate.evaluation.diagnostics.isEmpty())
        shown = m_candidate.evaluation.diagnostics;
    else if (edit && isChecked() && m_check.problem.isEmpty())
        shown = m_check.diagnostics; // holds the plan's messages too
    m_editor->setDiagnostics(shown);
    showCompiled();
}

QString CandidatePane::draftTitle() const
{
    const Draft draft = m_drafts.value(m_candidate.node.id);
    const QString changes = parameterChanges(m_candidate.parameters, draft.parameters);
    if (draft.source == m_candidate.source && !changes.isEmpty())
        return changes;
    const QString edit = tr("edit of %1").arg(idText(m_candidate.node.id));
    return changes.isEmpty() ? edit : edit + QStringLiteral(" · ") + changes;
}

void CandidatePane::evaluate()
{
    if (!m_evaluate->isEnabled())
        return;
    planChanged();
    const Draft draft = m_drafts.value(m_candidate.node.id);
    m_requested = m_candidate.node.id;
    updateHeader();
    emit evaluateRequested(m_candidate.node.id, draft.source, draft.parameters, draftTitle());
}

void CandidatePane::editAccepted(CandidateId parent)
{
    m_requested = kNoCandidate;
    if (parent == m_candidate.node.id)
        revert();
    else
        m_drafts.remove(parent);
    updateHeader();
}

void CandidatePane::editRefused()
{
    m_requested = kNoCandidate;
    updateHeader();
}

void CandidatePane::revert()
{
    if (!hasDraft())
        return;
    m_drafts.remove(m_candidate.node.id);
    m_filling = true;
    m_editor->setSource(m_candidate.source);
    m_plan = m_candidate.plan;
    m_parameters->show(m_plan.tunables, m_candidate.parameters);
    m_filling = false;
    showDiagnostics();
    updateHeader();
    if (m_tabs->currentIndex() == kDiffTab)
        showDiff();
}

void CandidatePane::showDiff()
{
    const bool edit = hasDraft();
    const QString before = edit ? m_candidate.source : m_candidate.parentSource;
    const QString after = edit ? m_drafts[m_candidate.node.id].source : m_candidate.source;
    QStringList parts;
    if (m_candidate.node.id == 0 && !edit) {
        m_diff->setSource(m_candidate.source);
        parts << tr("This is the baseline: it has no parent.");
    } else {
        const QString changes = edit ? parameterChanges(m_candidate.parameters, m_parameters->values())
                                     : parameterChanges(m_candidate.parentParameters, m_candidate.parameters);
        parts
            << (edit ? tr("Your edit against %1").arg(idText(m_candidate.node.id))
                     : tr("%1 against %2").arg(idText(m_candidate.node.id), idText(m_candidate.node.parent)));
        parts << m_diff->showDiff(before, after);
        if (!changes.isEmpty())
            parts << tr("parameters %1").arg(changes);
    }
    m_diffText->setText(parts.join(QStringLiteral(" · ")));
}

void CandidatePane::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_title->setText(candidateTitle(m_candidate.node, fontMetrics(), m_title->width()));
}

void CandidatePane::updateHeader()
{
    const CandidateId id = m_candidate.node.id;
    const bool shown = id != kNoCandidate;
    const bool draft = shown && hasDraft();
    m_title->clear(); // a label keeps the colour its links had when its text was set
    m_title->setText(candidateTitle(m_candidate.node, fontMetrics(), m_title->width()));
    m_title->setToolTip(m_candidate.node.title);
    const bool requested = draft && m_requested == id;
    m_state->setText(requested ? tr("sent to the gate") : draft ? tr("edited, not evaluated") : QString());
    m_evaluate->setEnabled(draft && !requested && m_cannotEvaluate.isEmpty());
    m_evaluate->setToolTip(!m_cannotEvaluate.isEmpty() ? m_cannotEvaluate
                               : draft
                               ? tr("Evaluate your version as a new candidate (Ctrl+Enter)")
                               : tr("Edit the source or a parameter first; then this makes a new candidate"));
    m_revert->setEnabled(draft);
    m_diffAction->setEnabled(shown);
}

} // namespace ww::ui
