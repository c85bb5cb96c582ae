// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/SearchBar.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ww::ui {

namespace {
constexpr int kDeviceKindRole = Qt::UserRole + 1;
} // namespace

namespace {
QSpinBox *makeSpin(const QString &name, const QString &prefix, const QString &suffix, int least, int most)
{
    auto *spin = new QSpinBox;
    spin->setAccessibleName(name);
    spin->setPrefix(prefix);
    spin->setSuffix(suffix);
    spin->setRange(least, most);
    spin->setKeyboardTracking(false);
    return spin;
}
} // namespace

SearchBar::SearchBar(QWidget *parent)
    : QToolBar(tr("Search"), parent),
      m_task(new QComboBox),
      m_workload(new QLabel),
      m_device(new QComboBox),
      m_proposer(new QComboBox),
      m_money(makeSpin(tr("Money"), QStringLiteral("$ "), {}, 0, 100'000)),
      m_steps(makeSpin(tr("Steps"), {}, tr(" steps"), 0, 1'000'000)),
      m_seconds(makeSpin(tr("Seconds"), {}, tr(" s"), 0, 1'000'000)),
      m_seed(makeSpin(tr("Seed"), tr("seed "), {}, 0, std::numeric_limits<int>::max()))
{
    setObjectName(QStringLiteral("searchBar"));
    setMovable(false);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize({16, 16});
    m_task->setObjectName(QStringLiteral("taskChooser"));
    m_task->setAccessibleName(tr("Task"));
    m_task->setToolTip(tr("What is computed"));
    m_task->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_workload->setProperty("dim", true);
    m_workload->setContentsMargins(2, 0, 4, 0);
    m_device->setObjectName(QStringLiteral("deviceChooser"));
    m_device->setAccessibleName(tr("Device"));
    m_device->setMinimumContentsLength(12);
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->addItem(tr("looking…"), QString());
    m_proposer->setObjectName(QStringLiteral("proposerChooser"));
    m_proposer->setAccessibleName(tr("Who makes candidates"));
    m_proposer->setMinimumContentsLength(9);
    m_proposer->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_proposer->addItem(tr("Catalogue"), QStringLiteral("catalogue"));
    m_proposer->addItem(tr("Model"), QStringLiteral("llm"));
    m_proposer->addItem(tr("Web chat"), QStringLiteral("human"));
    m_money->setObjectName(QStringLiteral("moneySpin"));
    m_money->setSpecialValueText(tr("no money limit"));
    m_money->setToolTip(tr("Ask no model when this many US dollars might be passed"));
    m_steps->setObjectName(QStringLiteral("stepsSpin"));
    m_steps->setSpecialValueText(tr("no step limit"));
    m_steps->setToolTip(tr("Stop after this many steps"));
    m_seconds->setObjectName(QStringLiteral("secondsSpin"));
    m_seconds->setSpecialValueText(tr("no time limit"));
    m_seconds->setToolTip(tr("Stop after this much running time"));
    m_seed->setObjectName(QStringLiteral("seedSpin"));
    m_seed->setMaximumWidth(m_seed->fontMetrics().horizontalAdvance(tr("seed 9999999")) + 36);
    m_seed->setToolTip(tr("The same seed and measurements give the same moves"));

    connect(m_task, &QComboBox::currentIndexChanged, this, [this] {
        updateWorkload();
        if (!m_filling)
            emit taskChanged();
    });
    m_budgetTimer.setSingleShot(true);
    m_budgetTimer.setInterval(400); // a held arrow key is one change, not twenty entries in the log
    connect(&m_budgetTimer, &QTimer::timeout, this, &SearchBar::budgetEdited);
    for (QSpinBox *limit : {m_steps, m_seconds, m_money})
        connect(limit, &QSpinBox::valueChanged, this, [this] {
            if (!m_filling)
                m_budgetTimer.start();
        });
    const auto tell = [this] {
        if (!m_filling)
            emit settingsChanged();
    };
    connect(m_proposer, &QComboBox::currentIndexChanged, this, &SearchBar::updateProposer);
    connect(m_proposer, &QComboBox::activated, this, [this] {
        if (m_proposer->currentData() == QLatin1String("llm") && m_wanted.model.url.isEmpty())
            emit modelWanted();
    });
    for (QComboBox *box : {m_task, m_device, m_proposer})
        connect(box, &QComboBox::currentIndexChanged, this, tell);
    for (QSpinBox *spin : {m_steps, m_seconds, m_money, m_seed})
        connect(spin, &QSpinBox::valueChanged, this, tell);
    connect(m_device, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_filling)
            updateWorkload(); // sizes differ between kinds of devices
    });
    setSettings({});
}

void SearchBar::addActionButtons(const QList<QAction *> &actions)
{
    addActions(actions);
    for (QAction *action : actions) {
        if (auto *button = qobject_cast<QToolButton *>(widgetForAction(action))) {
            button->setFocusPolicy(Qt::TabFocus);
            button->setAccessibleName(action->toolTip());
        }
    }
    addSeparator();
    addWidget(m_task);
    addWidget(m_workload);
    addSeparator();
    for (QWidget *widget : {static_cast<QWidget *>(m_device), static_cast<QWidget *>(m_proposer)})
        addWidget(widget);
    addSeparator();
    for (QWidget *widget : {m_steps, m_seconds, m_money, m_seed}) {
        QAction *added = addWidget(widget);
        if (widget == m_money)
            m_moneyAction = added;
    }
    updateProposer();
}

void SearchBar::setTasks(const QList<TaskView> &tasks)
{
    m_filling = true;
    m_tasks = tasks;
    const QString wanted = m_wanted.task;
    m_task->clear();
    for (const TaskView &task : tasks) {
        m_task->addItem(task.name, task.name);
        m_task->setItemData(m_task->count() - 1, task.description, Qt::ToolTipRole);
    }
    m_filling = false;
    SearchSettings settings = m_wanted;
    settings.task = wanted;
    setSettings(settings);
}

void SearchBar::setDevices(const QList<DeviceView> &devices)
{
    m_filling = true;
    m_device->clear();
    if (devices.isEmpty())
        m_device->addItem(tr("no device found"), QString());
    for (const DeviceView &device : devices) {
        m_device->addItem(device.shortName, device.spec);
        m_device->setItemData(m_device->count() - 1, device.kind, kDeviceKindRole);
        m_device->setItemData(m_device->count() - 1,
                              tr("%1: %2 (%3, %4 compute units)\ndriver %5\nsandbox: %6%7")
                                  .arg(device.spec, device.name, device.kind)
                                  .arg(device.computeUnits)
                                  .arg(device.driver, device.sandbox.isEmpty() ? tr("none") : device.sandbox,
                                       device.sandboxNote.isEmpty()
                                           ? QString()
                                           : QStringLiteral(" (%1)").arg(device.sandboxNote)),
                              Qt::ToolTipRole);
    }
    const int found = m_device->findData(m_wanted.device);
    m_device->setCurrentIndex(std::max(found, 0));
    m_device->setToolTip(m_device->currentData(Qt::ToolTipRole).toString());
    m_filling = false;
    updateWorkload();
}

void SearchBar::setSettings(const SearchSettings &settings)
{
    m_filling = true;
    m_wanted = settings;
    if (!settings.task.isEmpty()) {
        int row = m_task->findData(settings.task);
        if (row < 0) { // a directory, or a task of a session that is not among the shipped ones
            m_task->addItem(QFileInfo(settings.task).fileName(), settings.task);
            row = m_task->count() - 1;
        }
        m_task->setCurrentIndex(row);
    }
    if (const int row = m_device->findData(settings.device); row >= 0 && !settings.device.isEmpty())
        m_device->setCurrentIndex(row);
    m_steps->setValue(settings.steps);
    m_seconds->setValue(static_cast<int>(settings.seconds));
    m_money->setValue(static_cast<int>(std::ceil(settings.money)));
    m_proposer->setCurrentIndex(std::max(m_proposer->findData(settings.proposer), 0));
    m_seed->setValue(static_cast<int>(std::min<quint64>(settings.seed, std::numeric_limits<int>::max())));
    m_filling = false;
    updateWorkload();
}

SearchSettings SearchBar::settings() const
{
    SearchSettings settings = m_wanted;
    if (m_task->currentIndex() >= 0)
        settings.task = m_task->currentData().toString();
    // An empty device is the default one: what to take before the devices are known.
    if (!m_device->currentData().toString().isEmpty())
        settings.device = m_device->currentData().toString();
    settings.proposer = m_proposer->currentData().toString();
    settings.money = m_money->value();
    settings.steps = m_steps->value();
    settings.seconds = m_seconds->value();
    settings.seed = static_cast<quint64>(m_seed->value());
    return settings;
}

void SearchBar::setTuneWhenIdle(bool on)
{
    m_wanted.tuneWhenIdle = on;
}

void SearchBar::setLocked(bool locked)
{
    for (QWidget *widget : {static_cast<QWidget *>(m_task), static_cast<QWidget *>(m_device),
                            static_cast<QWidget *>(m_proposer), static_cast<QWidget *>(m_seed)})
        widget->setEnabled(!locked);
}

void SearchBar::setModel(const ModelSettingsView &model)
{
    m_wanted.model = model;
    updateProposer();
    emit settingsChanged();
}

void SearchBar::updateProposer()
{
    const QString chosen = m_proposer->currentData().toString();
    const QString what = chosen == QLatin1String("llm")
        ? (m_wanted.model.url.isEmpty()
               ? tr("A model makes candidates; none is set up yet (Search, Model settings)")
               : tr("%1 at %2 makes candidates").arg(m_wanted.model.model, m_wanted.model.url))
        : chosen == QLatin1String("human")
        ? tr("You carry each question to a model in a web chat and paste its answer")
        : tr("Candidates come from the task's catalogue and its tunables: no network, no key");
    m_proposer->setToolTip(what + QLatin1Char('\n')
                           + tr("AdaExplore's tree search decides on the next step"));
    if (m_moneyAction)
        m_moneyAction->setVisible(chosen == QLatin1String("llm"));
}

TaskView SearchBar::task() const
{
    const QString name = m_task->currentData().toString();
    const auto found =
        std::find_if(m_tasks.begin(), m_tasks.end(), [&](const TaskView &t) { return t.name == name; });
    return found != m_tasks.end() ? *found : TaskView {};
}

QString SearchBar::deviceKind() const
{
    return m_device->currentData(kDeviceKindRole).toString();
}

void SearchBar::updateWorkload()
{
    const TaskView shown = task();
    m_workload->setText(shown.name.isEmpty() ? QString() : shown.timedLabel(deviceKind()));
    QStringList all;
    for (const WorkloadView &workload : shown.workloadsFor(deviceKind()))
        all << workload.name + (workload.timed ? tr(" (timed)") : tr(" (checked only)"));
    m_workload->setToolTip(shown.name.isEmpty()
                               ? QString()
                               : shown.description + QStringLiteral("\n") + all.join(QStringLiteral("\n")));
    m_task->setToolTip(shown.description.isEmpty() ? tr("What is computed") : shown.description);
}

} // namespace ww::ui
