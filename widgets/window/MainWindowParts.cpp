// SPDX-License-Identifier: GPL-3.0-or-later
// What the main window is made of: panels, docks, actions, menus.
#include "widgets/window/MainWindow.h"

#include "widgets/charts/DistributionPanel.h"
#include "widgets/charts/ProgressPlot.h"
#include "widgets/charts/TimingPanel.h"
#include "widgets/common/Banner.h"
#include "widgets/common/CommandPalette.h"
#include "widgets/common/EmptyState.h"
#include "widgets/common/FirstRunCard.h"
#include "widgets/common/Glyphs.h"
#include "widgets/common/PanelHeader.h"
#include "widgets/conversation/ModelPanel.h"
#include "widgets/diff/DiffView.h"
#include "widgets/editor/CandidatePane.h"
#include "widgets/inspector/Inspector.h"
#include "widgets/memory/MemoryDialog.h"
#include "widgets/models/Selection.h"
#include "widgets/tree/CandidatePanel.h"
#include "widgets/tree/TreeCanvas.h"
#include "widgets/tree/TreeLegend.h"
#include "widgets/window/Accessible.h"
#include "widgets/window/SearchBar.h"
#include "widgets/window/StatusStrip.h"

#include <QActionGroup>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDockWidget>
#include <QGridLayout>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QScreen>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace ww::ui {

namespace {
constexpr int kLayoutVersion = 1;

QFrame *framed(QWidget *content)
{
    auto *frame = new QFrame;
    frame->setProperty("panel", true);
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(content);
    return frame;
}
} // namespace

void MainWindow::buildPanels()
{
    installAccessibleFactory();
    addToolBar(m_bar);
    setStatusBar(m_status);
    auto *center = new QWidget;
    auto *layout = new QVBoxLayout(center);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_banner);
    layout->addWidget(framed(m_pane), 1);
    setCentralWidget(center);
    setContextMenuPolicy(Qt::NoContextMenu); // panels are toggled in the View menu
    addToolBarBreak();
    m_cardRow = addToolBar(tr("First steps"));
    m_cardRow->setObjectName(QStringLiteral("cardRow"));
    m_cardRow->setMovable(false);
    m_cardRow->addWidget(m_card);
    m_cardRow->setVisible(!m_settings.cardDismissed());

    for (QWidget *chart : {static_cast<QWidget *>(m_timing), static_cast<QWidget *>(m_progress),
                           static_cast<QWidget *>(m_distribution), static_cast<QWidget *>(m_modelPanel)})
        m_charts->addWidget(chart);
    for (const QString &title : {tr("Timing now"), tr("Progress"), tr("Distribution"), tr("Model now")})
        m_chartTabs->addTab(title);
    m_chartTabs->setDrawBase(false);
    m_chartTabs->setAccessibleName(tr("Charts"));
}

QDockWidget *MainWindow::makeDock(const char *name, const QString &title, QWidget *header, QWidget *content)
{
    auto *dock = new QDockWidget(title, this);
    dock->setObjectName(QString::fromLatin1(name));
    dock->setTitleBarWidget(header);
    dock->setWidget(framed(content));
    return dock;
}

void MainWindow::buildDocks()
{
    setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowNestedDocks
                   | QMainWindow::AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    m_candidateDock = makeDock("candidateDock", tr("Candidates"), m_candidates->header(), m_candidates);
    auto *chartHeader = new PanelHeader;
    chartHeader->add(m_chartTabs);
    chartHeader->addStretch();
    auto *byTime = new QToolButton;
    byTime->setObjectName(QStringLiteral("bySecondsButton"));
    byTime->setFocusPolicy(Qt::StrongFocus);
    byTime->hide();
    chartHeader->add(byTime);
    m_chartDock = makeDock("chartDock", tr("Charts"), chartHeader, m_charts);
    m_inspectorDock = makeDock("inspectorDock", tr("Inspector"), m_inspector->header(), m_inspector);
    connect(m_chartTabs, &QTabBar::currentChanged, byTime,
            [byTime](int tab) { byTime->setVisible(tab == 1); });
    resetLayout();
}

void MainWindow::resetLayout()
{
    for (QDockWidget *dock : {m_candidateDock, m_chartDock, m_inspectorDock}) {
        dock->setFloating(false);
        removeDockWidget(dock);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_candidateDock);
    addDockWidget(Qt::BottomDockWidgetArea, m_chartDock);
    splitDockWidget(m_chartDock, m_inspectorDock, Qt::Horizontal);
    for (QDockWidget *dock : {m_candidateDock, m_chartDock, m_inspectorDock})
        dock->show();
    resizePanels();
}

void MainWindow::resizePanels()
{
    resizeDocks({m_candidateDock}, {width() * 2 / 5}, Qt::Horizontal);
    resizeDocks({m_chartDock, m_inspectorDock}, {width() * 6 / 10, width() * 4 / 10}, Qt::Horizontal);
    resizeDocks({m_chartDock}, {height() * 38 / 100}, Qt::Vertical);
}

void MainWindow::restoreWindow()
{
    if (m_settings.geometry().isEmpty() || !restoreGeometry(m_settings.geometry()))
        resize(QSize(1440, 900).boundedTo(screen()->availableSize()).expandedTo(QSize(1280, 720)));
    m_layoutPending = m_settings.layout().isEmpty() || !restoreState(m_settings.layout(), kLayoutVersion);
    m_cardRow->setVisible(!m_settings.cardDismissed());
    useTheme(m_settings.theme());
    setMotion(m_settings.motion());
}

void MainWindow::buildActions()
{
    buildSearchActions();
    buildCandidateActions();
    buildViewActions();
    m_actions.add("palette", tr("Command &palette…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P),
                  [this] { showCommandPalette(); });
    m_actions.add("shortcuts", tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1),
                  [this] { showShortcuts(); });
    m_actions.add("firstSteps", tr("Show the &first steps"), {}, [this] { showCard(true); });
    m_actions.add("about", tr("&About Warpwright"), {}, [this] { showAbout(); });
}

void MainWindow::buildSearchActions()
{
    m_new = m_actions.add("newSearch", tr("&New search"), QKeySequence::New, [this] { newSearch(); });
    m_open = m_actions.add("open", tr("&Open session…"), QKeySequence::Open, [this] { askForSession(); });
    m_export = m_actions.add("export", tr("&Export report…"), QKeySequence(Qt::CTRL | Qt::Key_E),
                             [this] { askForReport(); });
    m_actions.add("quit", tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
    m_start = m_actions.add("start", tr("&Start"), QKeySequence(Qt::Key_F5), [this] { start(); });
    m_pause = m_actions.add("pause", tr("&Pause"), {}, [this] { m_controller->pause(); });
    m_pause->setToolTip(tr("Let what is in the gate finish, start nothing new (F5)"));
    m_step = m_actions.add("step", tr("S&tep"), QKeySequence(Qt::Key_F10), [this] { step(); });
    m_step->setToolTip(tr("One more step, then pause (F10)"));
    m_stop = m_actions.add("stop", tr("St&op"), QKeySequence(Qt::SHIFT | Qt::Key_F5),
                           [this] { m_controller->stop(); });
    m_stop->setToolTip(tr("Stop the search; every result is kept (Shift+F5)"));
    m_setUpModel = m_actions.add("setUpModel", tr("&Model settings…"), {}, [this] { setUpModel(); });
    m_actions.add("memory", tr("Me&mory…"), {}, [this] {
        auto *dialog = new MemoryDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->show(); // beside the window, which stays usable
    });
    m_setUpModel->setToolTip(tr("Which model makes candidates, and where it is asked"));
    m_modelPanel->emptyState()->offer(m_setUpModel);
    m_tune = m_actions.add("tuneWhenIdle", tr("&Tune while a model thinks"), {}, [this](bool on) {
        m_settings.setTuneWhenIdle(on);
        m_bar->setTuneWhenIdle(on);
    });
    m_tune->setCheckable(true);
    m_tune->setChecked(m_settings.tuneWhenIdle());
    m_tune->setToolTip(tr("A device that only waits for answers tries the tunables of the fastest kernels"));
    m_follow = m_actions.add("follow", tr("&Follow the search"), QKeySequence(Qt::CTRL | Qt::Key_J),
                             [this](bool on) { m_candidates->canvas()->setFollowing(on); });
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    m_follow->setToolTip(tr("Keep the growing tree and the best candidate in view"));
    m_bar->addActionButtons({m_start, m_pause, m_step, m_stop});
    m_candidates->emptyState()->offer(m_start);
}

void MainWindow::buildCandidateActions()
{
    for (QAction *action :
         {m_pane->evaluateAction(), m_pane->revertAction(), m_pane->diffAction(), m_inspector->copyAction()})
        m_actions.adopt(action);
    m_actions.add("nextChange", tr("&Next change in the diff"), QKeySequence(Qt::Key_F7),
                  [this] { m_pane->diffView()->nextChange(); });
    m_actions.add("previousChange", tr("Pre&vious change in the diff"), QKeySequence(Qt::SHIFT | Qt::Key_F7),
                  [this] { m_pane->diffView()->previousChange(); });
    m_back = m_actions.add("back", tr("&Back"), QKeySequence(Qt::ALT | Qt::Key_Left),
                           [this] { m_selection->back(); });
    m_forward = m_actions.add("forward", tr("&Forward"), QKeySequence(Qt::ALT | Qt::Key_Right),
                              [this] { m_selection->forward(); });
    m_back->setEnabled(false);
    m_forward->setEnabled(false);
    TreeCanvas *canvas = m_candidates->canvas();
    m_actions.add("goParent", tr("Go to the &parent"), QKeySequence(Qt::ALT | Qt::Key_Up),
                  [canvas] { canvas->selectParent(); });
    m_actions.add("goChild", tr("Go to the first &child"), QKeySequence(Qt::ALT | Qt::Key_Down),
                  [canvas] { canvas->selectFirstChild(); });
    m_actions.add("goPreviousSibling", tr("Go to the previous sibling"),
                  QKeySequence(Qt::ALT | Qt::Key_PageUp), [canvas] { canvas->selectSibling(-1); });
    m_actions.add("goNextSibling", tr("Go to the next sibling"), QKeySequence(Qt::ALT | Qt::Key_PageDown),
                  [canvas] { canvas->selectSibling(1); });
    m_actions.add("earlier", tr("&Earlier candidate"), QKeySequence(Qt::Key_BracketLeft),
                  [this] { selectByTime(-1); });
    m_actions.add("later", tr("&Later candidate"), QKeySequence(Qt::Key_BracketRight),
                  [this] { selectByTime(1); });
    m_actions.add("best", tr("Go to the be&st"), QKeySequence(Qt::Key_B),
                  [this] { m_selection->select(m_model->best()); });
    m_actions.add("filter", tr("Fi&lter candidates"), QKeySequence(Qt::CTRL | Qt::Key_F),
                  [this] { m_candidates->focusFilter(); });
}

void MainWindow::buildViewActions()
{
    TreeCanvas *canvas = m_candidates->canvas();
    m_actions.add("viewTree", tr("&Tree"), QKeySequence(Qt::CTRL | Qt::Key_T),
                  [this] { m_candidates->showTree(); });
    m_actions.add("viewTable", tr("T&able"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T),
                  [this] { m_candidates->showTable(); });
    m_actions.add("fit", tr("&Fit the tree"), QKeySequence(Qt::Key_0), [canvas] {
        canvas->setFollowing(false);
        canvas->fitAll();
    });
    m_actions.add("zoomIn", tr("Zoom &in"), QKeySequence(Qt::Key_Plus), [canvas] { canvas->zoomBy(1.25); });
    m_actions.add("zoomOut", tr("Zoom &out"), QKeySequence(Qt::Key_Minus), [canvas] { canvas->zoomBy(0.8); });
    m_actions.add("zoomReset", tr("Zoom to &100 %"), QKeySequence(Qt::Key_1),
                  [canvas] { canvas->resetZoom(); });
    for (int tab = 0; tab < m_chartTabs->count(); ++tab) {
        m_actions.add(QByteArray("chart" + QByteArray::number(tab)).constData(),
                      tr("Chart: %1").arg(m_chartTabs->tabText(tab)),
                      QKeySequence(static_cast<int>(Qt::ALT) | (Qt::Key_1 + tab)), [this, tab] {
                          m_chartDock->show();
                          m_chartTabs->setCurrentIndex(tab);
                      });
    }
    m_bySeconds = m_actions.add("bySeconds", tr("Progress by &seconds"), {},
                                [this](bool on) { m_progress->setBySeconds(on); });
    m_bySeconds->setCheckable(true);
    m_bySeconds->setToolTip(tr("Show progress against running time instead of steps"));
    auto *button = m_chartDock->titleBarWidget()->findChild<QToolButton *>(QStringLiteral("bySecondsButton"));
    button->setDefaultAction(m_bySeconds);
    button->setText(tr("by seconds"));
    button->setAccessibleName(m_bySeconds->toolTip());

    const std::pair<QDockWidget *, QKeySequence> docks[] = {
        {m_candidateDock, QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_1)},
        {m_chartDock, QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_2)},
        {m_inspectorDock, QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_3)},
    };
    for (const auto &[dock, keys] : docks) {
        QAction *toggle = dock->toggleViewAction();
        toggle->setObjectName(dock->objectName() + QStringLiteral("Toggle"));
        toggle->setText(tr("Panel: %1").arg(dock->windowTitle()));
        toggle->setShortcut(keys);
        m_actions.adopt(toggle);
    }
    QAction *legend = m_actions.add("legend", tr("&Legend"), {},
                                    [this](bool on) { m_candidates->legend()->setVisible(on); });
    legend->setCheckable(true);
    legend->setChecked(true);
    m_labels = m_actions.add("buttonLabels", tr("Button la&bels"), {}, [this](bool on) {
        m_settings.setButtonLabels(on);
        m_bar->setToolButtonStyle(on ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    });
    m_labels->setCheckable(true);
    m_labels->setChecked(m_settings.buttonLabels());
    m_bar->setToolButtonStyle(m_settings.buttonLabels() ? Qt::ToolButtonTextBesideIcon
                                                        : Qt::ToolButtonIconOnly);
    QAction *motion =
        m_actions.add("reduceMotion", tr("&Reduce motion"), {}, [this](bool on) { setMotion(!on); });
    motion->setCheckable(true);
    m_actions.add("resetLayout", tr("Restore the &default layout"), {}, [this] { resetLayout(); });

    auto *group = new QActionGroup(this);
    const std::pair<const char *, QString> themes[] = {{"system", tr("Theme: follow the &system")},
                                                       {"light", tr("Theme: &light")},
                                                       {"dark", tr("Theme: &dark")},
                                                       {"high-contrast", tr("Theme: &high contrast")}};
    for (const auto &[name, title] : themes) {
        const QString chosen = QString::fromLatin1(name);
        QAction *theme = m_actions.add(name, title, {}, [this, chosen] { useTheme(chosen); });
        theme->setCheckable(true);
        group->addAction(theme);
    }
}

void MainWindow::buildMenus()
{
    const auto fill = [this](QMenu *menu, std::initializer_list<const char *> names) {
        for (const char *name : names) {
            if (name)
                menu->addAction(action(name));
            else
                menu->addSeparator();
        }
        menu->setToolTipsVisible(true);
    };
    QMenu *file = menuBar()->addMenu(tr("&File"));
    fill(file, {"newSearch", "open"});
    m_recentMenu = file->addMenu(tr("Open &recent"));
    connect(m_recentMenu, &QMenu::aboutToShow, this, &MainWindow::showRecent);
    fill(file, {nullptr, "export", nullptr, "quit"});
    fill(menuBar()->addMenu(tr("&Search")),
         {"start", "pause", "step", "stop", nullptr, "setUpModel", "memory", "tuneWhenIdle", nullptr,
          "follow"});
    fill(menuBar()->addMenu(tr("&Candidate")),
         {"evaluate", "revert", "diff", "nextChange", "previousChange", nullptr, "back", "forward", nullptr,
          "goParent", "goChild", "goPreviousSibling", "goNextSibling", "earlier", "later", "best", nullptr,
          "filter", "copyEvidence"});
    QMenu *view = menuBar()->addMenu(tr("&View"));
    fill(view,
         {"viewTree",
          "viewTable",
          nullptr,
          "fit",
          "zoomIn",
          "zoomOut",
          "zoomReset",
          nullptr,
          "chart0",
          "chart1",
          "chart2",
          "chart3",
          "bySeconds",
          nullptr,
          "candidateDockToggle",
          "chartDockToggle",
          "inspectorDockToggle",
          "legend",
          "buttonLabels",
          "resetLayout",
          nullptr,
          "system",
          "light",
          "dark",
          "high-contrast",
          "reduceMotion"});
    fill(menuBar()->addMenu(tr("&Help")), {"palette", "shortcuts", "firstSteps", nullptr, "about"});
    restyleIcons();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (std::exchange(m_layoutPending, false)) {
        resizePanels();
        QTimer::singleShot(0, this, &MainWindow::resizePanels); // once the window manager has given a size
    }
    m_candidates->canvas()->setFocus();
}

void MainWindow::showCard(bool shown)
{
    m_settings.setCardDismissed(!shown);
    m_cardRow->setVisible(shown);
    m_card->setVisible(shown);
}

void MainWindow::restyleIcons()
{
    const std::pair<QAction *, Icon> icons[] = {
        {m_start, Icon::Start}, {m_pause, Icon::Pause},   {m_step, Icon::Step}, {m_stop, Icon::Stop},
        {m_open, Icon::Open},   {m_export, Icon::Export}, {m_back, Icon::Back}, {m_forward, Icon::Forward}};
    for (const auto &[action, icon] : icons)
        action->setIcon(actionIcon(icon));
}

void MainWindow::useTheme(const QString &name)
{
    m_settings.setTheme(name);
    applyTheme(themeFromName(name).value_or(systemTheme()));
    if (QAction *entry = findChild<QAction *>(name))
        entry->setChecked(true);
}

void MainWindow::setMotion(bool motion)
{
    m_settings.setMotion(motion);
    m_candidates->canvas()->setMotion(motion);
    setAnimated(motion);
    action("reduceMotion")->setChecked(!motion);
}

void MainWindow::showCommandPalette()
{
    m_palette->open(m_actions.all());
}

void MainWindow::showShortcuts()
{
    auto *dialog = new QDialog(this);
    dialog->setObjectName(QStringLiteral("shortcutsDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keyboard shortcuts"));
    auto *content = new QWidget;
    auto *grid = new QGridLayout(content);
    grid->setHorizontalSpacing(32);
    int row = 0;
    for (const QAction *entry : m_actions.all()) {
        if (entry->shortcut().isEmpty())
            continue;
        grid->addWidget(new QLabel(entry->text().remove(QLatin1Char('&'))), row, 0);
        grid->addWidget(new QLabel(entry->shortcut().toString(QKeySequence::NativeText)), row++, 1);
    }
    grid->addWidget(new QLabel(tr("In the tree")), row, 0);
    grid->addWidget(new QLabel(tr("arrows: parent, child, siblings; Home, End; Enter edits")), row, 1);
    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setAccessibleName(tr("Keyboard shortcuts"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto *layout = new QVBoxLayout(dialog);
    layout->addWidget(scroll);
    layout->addWidget(buttons);
    dialog->resize(620, 560);
    dialog->open();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(
        QMessageBox::NoIcon, tr("About Warpwright"),
        tr("<b>%1</b><p>Turns a correct GPU kernel into a fast one, and shows how it happens."
           "</p><p>Free software under the GNU General Public License, version 3 or later.</p>")
            .arg(programVersion()),
        QMessageBox::Close, this);
    box->setIconPixmap(programIcon().pixmap(64, 64));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace ww::ui
