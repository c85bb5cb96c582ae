// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/SearchController.h"
#include "widgets/common/Theme.h"
#include "widgets/window/ActionList.h"
#include "widgets/window/WindowSettings.h"

#include <QMainWindow>
#include <QTimer>

#include <optional>

class QDockWidget;
class QMenu;
class QStackedWidget;
class QTabBar;

namespace ww::ui {

class Banner;
class CandidateModel;
class CandidatePane;
class CandidatePanel;
class CommandPalette;
class DistributionPanel;
class EmptyState;
class FirstRunCard;
class Inspector;
class ModelPanel;
class ProgressPlot;
class SearchBar;
class Selection;
class StatusStrip;
class TimingPanel;

/// What the program was asked to do at its start.
struct StartRequest {
    QString session;
    SearchSettings settings;
    bool taskGiven = false;
    bool search = false; ///< start at once
    std::optional<ThemeName> theme;
};

/// The window: Explore perspective over one session, live or finished.
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(QWidget *parent = nullptr);
    ~MainWindow() override;

    /// Acts on the command line; with none, the first start of all opens matmul and searches.
    void begin(const StartRequest &request);
    void openSession(const QString &path);
    /// Ends without asking: a running search is stopped first, its results are kept.
    void closeCleanly();

    [[nodiscard]] SearchController *controller() { return m_controller; }
    [[nodiscard]] CandidateModel *model() { return m_model; }
    [[nodiscard]] Selection *selection() { return m_selection; }
    [[nodiscard]] const QList<QAction *> &actionList() const { return m_actions.all(); }
    [[nodiscard]] QAction *action(const char *name) const;

protected:
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void buildPanels();
    void buildDocks();
    void buildActions();
    void buildSearchActions();
    void buildCandidateActions();
    void buildViewActions();
    void buildMenus();
    void restoreWindow();
    void resetLayout();
    void resizePanels();
    void showCard(bool shown);
    void wireController();
    void wirePanels();
    QDockWidget *makeDock(const char *name, const QString &title, QWidget *header, QWidget *content);

    void start(bool paused = false);
    void newSearch(bool paused = false);
    void step();
    void askForSession();
    void askForReport();
    void showRecent();
    void selectByTime(int by);
    void useTheme(const QString &name);
    void setMotion(bool motion);
    void restyleIcons();
    void showCommandPalette();
    void showShortcuts();
    void showAbout();
    void setUpModel();
    void wireModel();

    void sessionOpened(const SummaryView &summary, const QList<NodeView> &nodes);
    void stateChanged(RunState state);
    void showCurrent();
    void summaryChanged(const SummaryView &summary);
    void updateStatus();
    void updateStartMeaning();
    /// Whether Start goes on with the open session rather than making a new one.
    [[nodiscard]] bool startContinues() const;

    WindowSettings m_settings;
    ActionList m_actions;
    SearchController *m_controller;
    CandidateModel *m_model;
    Selection *m_selection;
    SearchBar *m_bar;
    StatusStrip *m_status;
    Banner *m_banner;
    FirstRunCard *m_card;
    CandidatePane *m_pane;
    CandidatePanel *m_candidates;
    Inspector *m_inspector;
    TimingPanel *m_timing;
    ProgressPlot *m_progress;
    DistributionPanel *m_distribution;
    ModelPanel *m_modelPanel;
    QTabBar *m_chartTabs;
    QStackedWidget *m_charts;
    CommandPalette *m_palette;
    QDockWidget *m_candidateDock = nullptr;
    QDockWidget *m_chartDock = nullptr;
    QDockWidget *m_inspectorDock = nullptr;
    QToolBar *m_cardRow = nullptr;
    QMenu *m_recentMenu = nullptr;
    QAction *m_start = nullptr;
    QAction *m_pause = nullptr;
    QAction *m_step = nullptr;
    QAction *m_stop = nullptr;
    QAction *m_new = nullptr;
    QAction *m_open = nullptr;
    QAction *m_export = nullptr;
    QAction *m_setUpModel = nullptr;
    QAction *m_back = nullptr;
    QAction *m_forward = nullptr;
    QAction *m_follow = nullptr;
    QAction *m_tune = nullptr;
    QAction *m_bySeconds = nullptr;
    QAction *m_labels = nullptr;
    QTimer m_clock;
    SummaryView m_summary;
    QString m_sessionTask; ///< what the toolbar calls the session's task: its name, or the directory given
    QByteArray m_defaultLayout;
    CandidateId m_autoShown = kNoCandidate; ///< chosen by the window, not by a person
    CandidateId m_editParent = kNoCandidate; ///< under which a person's version was sent
    bool m_layoutPending = false; ///< panel sizes wait for the window's size
    bool m_stepOnce = false; ///< Step was pressed with nothing running: one step once it is
    bool m_closing = false;
    bool m_asking = false;
};

} // namespace ww::ui
