// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/MainWindow.h"

#include "widgets/charts/DistributionPanel.h"
#include "widgets/charts/ProgressPlot.h"
#include "widgets/charts/TimingPanel.h"
#include "widgets/common/Banner.h"
#include "widgets/common/CommandPalette.h"
#include "widgets/common/FirstRunCard.h"
#include "widgets/common/Format.h"
#include "widgets/common/Glyphs.h"
#include "widgets/conversation/ModelDialog.h"
#include "widgets/conversation/ModelPanel.h"
#include "widgets/editor/CandidatePane.h"
#include "widgets/editor/KernelEditor.h"
#include "widgets/inspector/Inspector.h"
#include "widgets/models/CandidateModel.h"
#include "widgets/models/Selection.h"
#include "widgets/tree/CandidatePanel.h"
#include "widgets/tree/TreeCanvas.h"
#include "widgets/window/SearchBar.h"
#include "widgets/window/StatusStrip.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>

namespace ww::ui {

MainWindow::MainWindow(QWidget *parent)
    : QMainWindow(parent),
      m_actions(this),
      m_controller(new SearchController(this)),
      m_model(new CandidateModel(this)),
      m_selection(new Selection(m_model, this)),
      m_bar(new SearchBar),
      m_status(new StatusStrip),
      m_banner(new Banner),
      m_card(new FirstRunCard),
      m_pane(new CandidatePane),
      m_candidates(new CandidatePanel(m_model, m_selection)),
      m_inspector(new Inspector),
      m_timing(new TimingPanel),
      m_progress(new ProgressPlot(m_model, m_selection)),
      m_distribution(new DistributionPanel(m_model, m_selection,
                                           [this](CandidateId id) { return m_controller->timing(id); })),
      m_modelPanel(new ModelPanel),
      m_chartTabs(new QTabBar),
      m_charts(new QStackedWidget),
      m_palette(new CommandPalette(this))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Warpwright"));
    setWindowIcon(programIcon());
    buildPanels();
    buildDocks();
    buildActions();
    buildMenus();
    wireController();
    wirePanels();
    wireModel();
    m_clock.setInterval(500);
    connect(&m_clock, &QTimer::timeout, this, &MainWindow::updateStatus);
    stateChanged(RunState::Empty);
    restoreWindow();
}

MainWindow::~MainWindow() = default;

QAction *MainWindow::action(const char *name) const
{
    return findChild<QAction *>(QString::fromLatin1(name));
}

void MainWindow::begin(const StartRequest &request)
{
    if (request.theme)
        applyTheme(*request.theme);
    SearchSettings asked = request.settings;
    if (asked.model.url.isEmpty())
        asked.model = m_settings.model();
    asked.tuneWhenIdle = m_settings.tuneWhenIdle();
    m_bar->setSettings(asked);
    m_controller->listTasks();
    m_controller->findDevices();
    if (!request.session.isEmpty()) {
        openSession(request.session);
        return;
    }
    const bool firstStart = !request.taskGiven && !m_settings.startedBefore();
    if (firstStart || !request.taskGiven) {
        SearchSettings settings = asked;
        if (settings.task.isEmpty())
            settings.task = QStringLiteral("matmul");
        m_bar->setSettings(settings);
    }
    if (request.search || firstStart)
        newSearch();
}

// What the controller tells

void MainWindow::wireController()
{
    connect(m_controller, &SearchController::tasksListed, this,
            [this](const QList<TaskView> &tasks, const QList<ProblemView> &problems) {
                m_bar->setTasks(tasks);
                if (!problems.isEmpty())
                    m_banner->showProblem(problems.first(), Banner::Kind::Warning);
            });
    connect(m_controller, &SearchController::devicesFound, m_bar, &SearchBar::setDevices);
    connect(m_controller, &SearchController::sessionOpened, this, &MainWindow::sessionOpened);
    connect(m_controller, &SearchController::stateChanged, this, &MainWindow::stateChanged);
    connect(m_controller, &SearchController::summaryChanged, this, &MainWindow::summaryChanged);
    connect(m_controller, &SearchController::candidateAdded, this, [this](const NodeView &node) {
        m_model->append(node);
        if (node.human && node.parent == m_editParent) {
            m_pane->editAccepted(node.parent);
            m_editParent = kNoCandidate;
            m_selection->select(node.id);
        }
    });
    connect(m_controller, &SearchController::candidateChanged, this, [this](const NodeView &node) {
        m_model->update(node);
        m_inspector->endStages(node.id);
        m_timing->finish(node.id);
        if (node.id == m_selection->current())
            showCurrent();
    });
    connect(m_controller, &SearchController::stageReported, m_inspector, &Inspector::addStage);
    connect(m_controller, &SearchController::samplesTaken, m_timing, &TimingPanel::addSamples);
    connect(m_controller, &SearchController::editRefused, this, [this] {
        m_editParent = kNoCandidate;
        m_pane->editRefused();
    });
    connect(m_controller, &SearchController::exported, this,
            [this](const QString &path) { m_banner->showInfo(tr("Report written"), path); });
    connect(m_controller, &SearchController::failed, this,
            [this](const ProblemView &problem) { m_banner->showProblem(problem); });
}

void MainWindow::wirePanels()
{
    connect(m_selection, &Selection::changed, this, &MainWindow::showCurrent);
    connect(m_selection, &Selection::historyChanged, this, [this] {
        m_back->setEnabled(m_selection->canGoBack());
        m_forward->setEnabled(m_selection->canGoForward());
    });
    connect(m_candidates, &CandidatePanel::activated, this, [this] { m_pane->editor()->setFocus(); });
    connect(m_candidates->canvas(), &TreeCanvas::followingChanged, m_follow, &QAction::setChecked);
    connect(m_pane, &CandidatePane::candidateLinked, m_selection, &Selection::select);
    connect(m_inspector, &Inspector::candidateLinked, m_selection, &Selection::select);
    connect(m_pane, &CandidatePane::evaluateRequested, this,
            [this](CandidateId parent, const QString &source, const QMap<QString, qint64> &parameters,
                   const QString &title) {
                m_editParent = parent;
                m_controller->evaluateEdit(parent, source, parameters, title);
            });
    connect(m_pane, &CandidatePane::checkRequested, m_controller, &SearchController::checkSource);
    connect(m_controller, &SearchController::sourceChecked, m_pane, &CandidatePane::showCheck);
    connect(m_chartTabs, &QTabBar::currentChanged, m_charts, &QStackedWidget::setCurrentIndex);
    connect(m_bar, &SearchBar::settingsChanged, this, &MainWindow::updateStartMeaning);
    connect(m_bar, &SearchBar::budgetEdited, this, [this] {
        if (m_controller->state() == RunState::Running || m_controller->state() == RunState::Paused)
            m_controller->setBudget(m_bar->settings());
    });
    connect(m_card, &FirstRunCard::dismissed, this, [this] { showCard(false); });
}

void MainWindow::sessionOpened(const SummaryView &summary, const QList<NodeView> &nodes)
{
    m_summary = summary;
    m_banner->hide();
    m_editParent = kNoCandidate;
    m_pane->clear(true);
    m_pane->setLanguage(summary.language);
    m_inspector->clear();
    m_timing->clear();
    m_modelPanel->clear();
    m_model->reset(nodes);
    m_model->setBest(summary.best);
    SearchSettings settings = summary.settings;
    if (m_controller->state() == RunState::Starting)
        settings.task = m_bar->settings().task; // maybe a directory, which the session knows by its name
    m_sessionTask = settings.task;
    if (settings.model.url.isEmpty())
        settings.model = m_settings.model();
    else if (settings.model.url == m_settings.model().url)
        settings.model.keyName = m_settings.model().keyName; // no session names a key of the keyring
    settings.tuneWhenIdle = m_settings.tuneWhenIdle();
    m_bar->setSettings(settings);
    m_settings.addRecent(summary.path);
    setWindowTitle(tr("%1 – Warpwright").arg(summary.name));
    m_autoShown = m_model->contains(summary.best) ? summary.best : 0;
    m_selection->show(m_autoShown);
    showCurrent();
    if (!m_pane->isAncestorOf(focusWidget()))
        m_candidates->canvas()->setFocus();
    summaryChanged(summary);
}

void MainWindow::stateChanged(RunState state)
{
    const bool running = state == RunState::Running, paused = state == RunState::Paused;
    const bool busy = m_controller->isBusy();
    const bool live = running || paused;
    // F5 belongs to whichever of the two can be pressed.
    m_start->setShortcut(running ? QKeySequence() : QKeySequence(Qt::Key_F5));
    m_pause->setShortcut(running ? QKeySequence(Qt::Key_F5) : QKeySequence());
    m_start->setEnabled(!busy || paused);
    m_pause->setEnabled(running);
    m_step->setEnabled(live || !busy);
    m_stop->setEnabled(live);
    const QString why = tr("Stop the running search first (Shift+F5); its results are kept");
    for (QAction *other : {m_new, m_open}) {
        other->setEnabled(!busy);
        other->setToolTip(busy ? why : other->text().remove(QLatin1Char('&')));
    }
    m_recentMenu->setEnabled(!busy);
    m_tune->setEnabled(!busy);
    m_export->setEnabled(!m_summary.path.isEmpty() && state != RunState::Loading);
    m_bar->setLocked(busy);
    if (running)
        m_clock.start();
    else
        m_clock.stop();
    updateStartMeaning();
    updateStatus();
    showCurrent();
    if (state != RunState::Starting && std::exchange(m_stepOnce, false) && state == RunState::Paused)
        m_controller->step();
    if (state == RunState::Review && m_closing)
        close();
}

void MainWindow::summaryChanged(const SummaryView &summary)
{
    m_summary = summary;
    m_model->setBest(summary.best);
    m_pane->setCannotEvaluate(summary.cannotContinue);
    m_pane->setTakesHints(m_controller->isBusy() && summary.proposer != QLatin1String("catalogue"));
    m_modelPanel->setSpending(summary.spending);
    // While a person only watches, the best kernel so far is what is worth watching.
    const bool watching = m_follow->isChecked() && m_selection->current() == m_autoShown
        && !m_pane->hasDraft() && !m_pane->editor()->hasFocus() && m_controller->state() == RunState::Running;
    if (watching && summary.best != kNoCandidate && summary.best != m_autoShown) {
        m_autoShown = summary.best;
        m_selection->show(summary.best);
    }
    updateStartMeaning();
    updateStatus();
}

void MainWindow::showCurrent()
{
    const CandidateId id = m_selection->current();
    if (!m_model->contains(id)) {
        m_pane->clear(false);
        return;
    }
    const CandidateView candidate = m_controller->candidate(id);
    m_pane->showCandidate(candidate);
    m_inspector->showCandidate(candidate, id == m_model->best());
    m_timing->setShown(candidate);
}

void MainWindow::updateStatus()
{
    m_status->show(m_summary, m_controller->state(), m_controller->runSeconds());
}

// Runs

bool MainWindow::startContinues() const
{
    if (m_controller->state() != RunState::Review || !m_summary.cannotContinue.isEmpty())
        return false;
    const SearchSettings wanted = m_bar->settings();
    const bool same = wanted.task == m_sessionTask && wanted.seed == m_summary.settings.seed
        && wanted.policy == m_summary.settings.policy && wanted.proposer == m_summary.settings.proposer;
    const bool stepsLeft = wanted.steps == 0 || m_summary.stepsDone < wanted.steps;
    const bool timeLeft = wanted.seconds <= 0 || m_summary.runSeconds < wanted.seconds;
    return same && stepsLeft && timeLeft && m_summary.stopReason != QLatin1String("exhausted");
}

void MainWindow::updateStartMeaning()
{
    const RunState state = m_controller->state();
    const bool goOn = state == RunState::Paused || startContinues();
    m_start->setText(goOn ? tr("&Continue") : tr("&Start"));
    m_start->setToolTip(state == RunState::Paused ? tr("Go on searching (F5)")
                            : goOn                ? tr("Go on with this session (F5)")
                                                  : tr("Start a new search with these settings (F5)"));
}

void MainWindow::start(bool paused)
{
    m_banner->hide();
    if (m_controller->state() == RunState::Paused)
        m_controller->resume();
    else if (startContinues())
        m_controller->continueSearch(m_bar->settings(), paused);
    else
        newSearch(paused);
}

void MainWindow::newSearch(bool paused)
{
    m_banner->hide();
    m_settings.setStartedBefore();
    m_controller->startSearch(m_bar->settings(), paused);
}

void MainWindow::step()
{
    const RunState state = m_controller->state();
    if (state == RunState::Running || state == RunState::Paused) {
        m_controller->step();
        return;
    }
    m_stepOnce = true;
    start(true);
}

void MainWindow::wireModel()
{
    connect(m_controller, &SearchController::stepBegun, m_modelPanel, &ModelPanel::beginStep);
    connect(m_controller, &SearchController::stepEnded, m_modelPanel, &ModelPanel::endStep);
    connect(m_controller, &SearchController::modelText, m_modelPanel, &ModelPanel::addText);
    connect(m_controller, &SearchController::questionsChanged, this,
            [this](const QList<OpenQuestionView> &questions) {
                m_modelPanel->setQuestions(questions);
                if (!questions.isEmpty())
                    m_chartTabs->setCurrentIndex(m_charts->indexOf(m_modelPanel));
            });
    connect(m_modelPanel, &ModelPanel::answered, m_controller, &SearchController::answerQuestion);
    connect(m_pane, &CandidatePane::hintGiven, m_controller, &SearchController::setHint);
    connect(m_bar, &SearchBar::modelWanted, this, &MainWindow::setUpModel);
}

void MainWindow::setUpModel()
{
    auto *dialog = new ModelDialog(
        m_bar->settings().model.url.isEmpty() ? m_settings.model() : m_bar->settings().model, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_settings.setModel(dialog->settings());
        m_controller->rememberModel(dialog->settings());
        m_bar->setModel(dialog->settings());
    });
    dialog->open();
}

void MainWindow::openSession(const QString &path)
{
    m_banner->hide();
    m_controller->openSession(QFileInfo(path).absoluteFilePath());
}

void MainWindow::askForSession()
{
    auto *dialog = new QFileDialog(this, tr("Open a session"), sessionsFolder(),
                                   tr("Sessions (*.wwsession);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openSession);
    dialog->open();
}

void MainWindow::askForReport()
{
    const QString html = tr("HTML report (*.html)"), csv = tr("Table, CSV (*.csv)"),
                  json = tr("Everything, JSON (*.json)");
    auto *dialog = new QFileDialog(this, tr("Export a report"), m_summary.name + QStringLiteral(".html"),
                                   QStringList {html, csv, json}.join(QStringLiteral(";;")));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog, csv, json](const QString &filter) {
        dialog->setDefaultSuffix(filter == csv        ? QStringLiteral("csv")
                                     : filter == json ? QStringLiteral("json")
                                                      : QStringLiteral("html"));
    });
    dialog->setDefaultSuffix(QStringLiteral("html"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        m_controller->exportReport(path,
                                   path.endsWith(QLatin1String(".csv"))        ? ReportFormat::Csv
                                       : path.endsWith(QLatin1String(".json")) ? ReportFormat::Json
                                                                               : ReportFormat::Html);
    });
    dialog->open();
}

void MainWindow::showRecent()
{
    m_recentMenu->clear();
    for (const QString &path : m_settings.recent()) {
        if (!QFileInfo::exists(path))
            continue;
        QAction *entry = m_recentMenu->addAction(QFileInfo(path).completeBaseName());
        entry->setToolTip(path);
        connect(entry, &QAction::triggered, this, [this, path] { openSession(path); });
    }
    if (m_recentMenu->isEmpty())
        m_recentMenu->addAction(tr("No recent session"))->setEnabled(false);
}

void MainWindow::selectByTime(int by)
{
    const CandidateId current = m_selection->current();
    const CandidateId next = current == kNoCandidate ? 0 : current + by;
    m_selection->select(next);
}

// Closing

void MainWindow::closeCleanly()
{
    m_closing = true;
    if (m_controller->state() == RunState::Running || m_controller->state() == RunState::Paused)
        m_controller->stop();
    else if (m_controller->state() != RunState::Stopping)
        close();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const RunState state = m_controller->state();
    const bool working =
        state == RunState::Running || state == RunState::Paused || state == RunState::Stopping;
    if (!working) {
        m_settings.setGeometry(saveGeometry());
        m_settings.setLayout(saveState(1));
        event->accept();
        return;
    }
    event->ignore();
    if (m_closing) { // already agreed: closes once the search has stopped
        m_controller->stop();
        return;
    }
    if (m_asking)
        return;
    m_asking = true;
    auto *question =
        new QMessageBox(QMessageBox::Question, tr("Close Warpwright?"),
                        tr("A search is running. Every result so far is kept in its session file; "
                           "opening that continues where it ended."),
                        QMessageBox::NoButton, this);
    question->setObjectName(QStringLiteral("closeQuestion"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton *stop = question->addButton(tr("Stop and keep results"), QMessageBox::AcceptRole);
    QPushButton *goOn = question->addButton(tr("Keep searching"), QMessageBox::RejectRole);
    question->setDefaultButton(goOn);
    question->setEscapeButton(goOn);
    connect(question, &QMessageBox::finished, this, [this, question, stop] {
        m_asking = false;
        if (question->clickedButton() == stop)
            closeCleanly();
    });
    question->open();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_start)
        restyleIcons();
}

} // namespace ww::ui
