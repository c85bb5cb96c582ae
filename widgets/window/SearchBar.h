// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QTimer>
#include <QToolBar>

class QComboBox;
class QLabel;
class QSpinBox;

namespace ww::ui {

/// The toolbar: start, pause, step, stop; task, device, policy and limits of the next run.
class SearchBar final : public QToolBar {
    Q_OBJECT
public:
    explicit SearchBar(QWidget *parent = nullptr);

    void addActionButtons(const QList<QAction *> &actions);
    void setTasks(const QList<TaskView> &tasks);
    void setDevices(const QList<DeviceView> &devices);
    /// Shows the settings of a session, or those asked for on the command line.
    void setSettings(const SearchSettings &settings);
    [[nodiscard]] SearchSettings settings() const;
    void setTuneWhenIdle(bool on);
    /// While a search runs, only the limits can be changed.
    void setLocked(bool locked);
    /// The model that proposes where "Model" is chosen.
    void setModel(const ModelSettingsView &model);
    /// The chosen task; without a name while none is known.
    [[nodiscard]] TaskView task() const;

signals:
    void modelWanted(); ///< a model was chosen to propose, and none is set up
    void budgetEdited();
    void settingsChanged();
    void taskChanged();

private:
    void updateWorkload();
    void updateProposer();
    [[nodiscard]] QString deviceKind() const;
    void addLabelled(const QString &label, QWidget *widget);

    QComboBox *m_task;
    QLabel *m_workload;
    QComboBox *m_device;
    QComboBox *m_proposer;
    QSpinBox *m_money;
    QAction *m_moneyAction = nullptr; ///< shows m_money in the bar, or not
    QSpinBox *m_steps;
    QSpinBox *m_seconds;
    QSpinBox *m_seed;
    QTimer m_budgetTimer;
    QList<TaskView> m_tasks;
    SearchSettings m_wanted; ///< chosen before the lists were known
    bool m_filling = false;
};

} // namespace ww::ui
