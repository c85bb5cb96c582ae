// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/memory/MemoryDialog.h"

#include "widgets/bridge/MemoryStore.h"
#include "widgets/common/Banner.h"
#include "widgets/common/EmptyState.h"
#include "widgets/common/Format.h"
#include "widgets/memory/RuleModel.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QVBoxLayout>

#include <cmath>

namespace ww::ui {

namespace {

QString points(double share)
{
    return QString::number(std::round(share * 100), 'f', 0).replace(QLatin1Char('-'), QStringLiteral("−"));
}

} // namespace

QString effectText(const MemoryEffectView &effect)
{
    if (effect.promptsWith == 0 && effect.promptsWithout == 0)
        return QObject::tr(
            "No prompt has been answered yet: whether memory helps shows once some were, with and "
            "without it.");
    const auto rate = [](int passed, int prompts) {
        return prompts == 0 ? QObject::tr("no prompt yet")
                            : QObject::tr("%1 of %2 passed")
                                  .arg(percentText(static_cast<double>(passed) / prompts))
                                  .arg(counted(prompts, QObject::tr("prompt"), QObject::tr("prompts")));
    };
    QString text = QObject::tr("With memory %1, without %2")
                       .arg(rate(effect.passedWith, effect.promptsWith),
                            rate(effect.passedWithout, effect.promptsWithout));
    if (effect.promptsWith > 0 && effect.promptsWithout > 0)
        text += QObject::tr(": %1%2 percentage points [%3, %4]")
                    .arg(effect.difference >= 0 ? QStringLiteral("+") : QString(), points(effect.difference),
                         points(effect.low), points(effect.high));
    return text;
}

MemoryDialog::MemoryDialog(QWidget *parent)
    : QDialog(parent),
      m_store(new MemoryStore(this)),
      m_model(new RuleModel(this)),
      m_shown(new QSortFilterProxyModel(this)),
      m_banner(new Banner),
      m_effect(new QLabel),
      m_filter(new QLineEdit),
      m_pages(new QStackedWidget),
      m_table(new QTableView),
      m_sentence(new QPlainTextEdit),
      m_evidence(new QLabel),
      m_save(new QPushButton(tr("&Save the wording"))),
      m_pin(new QPushButton(tr("&Pin"))),
      m_disable(new QPushButton(tr("D&isable"))),
      m_delete(new QPushButton(tr("&Delete"))),
      m_own(new QLineEdit),
      m_language(new QComboBox),
      m_techniques(new QTableWidget)
{
    setObjectName(QStringLiteral("memoryDialog"));
    setWindowTitle(tr("Memory"));
    m_effect->setWordWrap(true);
    m_effect->setObjectName(QStringLiteral("memoryEffect"));
    m_banner->hide();
    auto *tabs = new QTabWidget;
    tabs->addTab(buildRules(), tr("Rules"));
    tabs->addTab(buildTechniques(), tr("Techniques"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_banner);
    layout->addWidget(m_effect);
    layout->addWidget(tabs, 1);
    connect(m_store, &MemoryStore::loaded, this, &MemoryDialog::showMemory);
    connect(m_store, &MemoryStore::failed, this,
            [this](const ProblemView &problem) { m_banner->showProblem(problem); });
    connect(m_store, &MemoryStore::done, this, [this](const QString &what) { m_banner->showInfo(what); });
    resize(980, 620);
    showRule();
    m_store->load();
}

QWidget *MemoryDialog::buildRules()
{
    m_shown->setSourceModel(m_model);
    m_shown->setSortRole(RuleModel::kSortRole);
    m_shown->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_shown->setFilterKeyColumn(-1);
    m_filter->setObjectName(QStringLiteral("ruleFilter"));
    m_filter->setPlaceholderText(tr("Filter rules"));
    m_filter->setAccessibleName(tr("Filter rules"));
    m_filter->setClearButtonEnabled(true);
    m_table->setObjectName(QStringLiteral("ruleTable"));
    m_table->setAccessibleName(tr("Rules"));
    m_table->setModel(m_shown);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RuleModel::Strength, Qt::DescendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(RuleModel::Sentence, QHeaderView::Stretch);
    m_sentence->setObjectName(QStringLiteral("ruleSentence"));
    m_sentence->setAccessibleName(tr("Wording of the rule"));
    m_sentence->setTabChangesFocus(true);
    m_sentence->setMaximumHeight(m_sentence->fontMetrics().lineSpacing() * 4);
    m_evidence->setProperty("dim", true);
    m_evidence->setWordWrap(true);
    m_evidence->setTextFormat(Qt::PlainText);
    m_own->setObjectName(QStringLiteral("ownRule"));
    m_own->setPlaceholderText(tr("A rule of your own, one sentence"));
    m_own->setAccessibleName(tr("A rule of your own"));
    m_language->addItem(QStringLiteral("OpenCL"), QStringLiteral("opencl"));
    m_language->addItem(QStringLiteral("CUDA"), QStringLiteral("cuda"));
    m_language->setAccessibleName(tr("Language of new and imported rules"));
    auto *add = new QPushButton(tr("&Add"));
    auto *import = new QPushButton(tr("I&mport a list…"));
    auto *write = new QPushButton(tr("&Export…"));

    auto *empty =
        new EmptyState(tr("Nothing learned yet"),
                       tr("Failures that happen again in a search with a model become rules, and its next "
                          "prompts hold them. You can also write rules, or import a list."));
    m_pages->addWidget(empty);
    m_pages->addWidget(m_table);
    auto *changes = new QHBoxLayout;
    for (QPushButton *button : {m_save, m_pin, m_disable, m_delete})
        changes->addWidget(button);
    changes->addStretch();
    auto *more = new QHBoxLayout;
    more->addWidget(m_own, 1);
    for (QWidget *widget : {static_cast<QWidget *>(m_language), static_cast<QWidget *>(add),
                            static_cast<QWidget *>(import), static_cast<QWidget *>(write)})
        more->addWidget(widget);
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->addWidget(m_filter);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_sentence);
    layout->addWidget(m_evidence);
    layout->addLayout(changes);
    layout->addLayout(more);

    connect(m_filter, &QLineEdit::textChanged, m_shown, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &MemoryDialog::showRule);
    connect(m_sentence, &QPlainTextEdit::textChanged, this, [this] {
        m_save->setEnabled(current() && m_sentence->toPlainText().simplified() != current()->sentence
                           && !m_sentence->toPlainText().trimmed().isEmpty());
    });
    connect(m_save, &QPushButton::clicked, this,
            [this] { m_store->edit(current()->key, m_sentence->toPlainText()); });
    connect(m_pin, &QPushButton::clicked, this,
            [this] { m_store->setPinned(current()->key, !current()->pinned); });
    connect(m_disable, &QPushButton::clicked, this,
            [this] { m_store->setDisabled(current()->key, !current()->disabled); });
    connect(m_delete, &QPushButton::clicked, this, [this] { m_store->remove(current()->key); });
    const auto addOwn = [this] {
        if (m_own->text().trimmed().isEmpty())
            return;
        m_store->write(m_language->currentData().toString(), m_own->text());
        m_own->clear();
    };
    connect(add, &QPushButton::clicked, this, addOwn);
    connect(import, &QPushButton::clicked, this, &MemoryDialog::askForImport);
    connect(write, &QPushButton::clicked, this, &MemoryDialog::askForExport);
    for (QPushButton *button : findChildren<QPushButton *>())
        button->setAutoDefault(false); // Enter in a field is not to delete a rule
    return page;
}

QWidget *MemoryDialog::buildTechniques()
{
    m_techniques->setObjectName(QStringLiteral("techniqueTable"));
    m_techniques->setAccessibleName(tr("Techniques"));
    const QStringList titles {tr("Language"), tr("Bottleneck before"), tr("What was added"),
                              tr("Measured"), tr("Median gain"),       tr("Least to most")};
    m_techniques->setColumnCount(static_cast<int>(titles.size()));
    m_techniques->setHorizontalHeaderLabels(titles);
    m_techniques->verticalHeader()->hide();
    m_techniques->horizontalHeader()->setSectionResizeMode(2, QHeaderView::Stretch);
    m_techniques->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_techniques->setTabKeyNavigation(false);
    return m_techniques;
}

void MemoryDialog::showMemory(const MemoryView &memory)
{
    const QString kept = current() ? current()->key : QString();
    m_effect->setText(effectText(memory.effect));
    m_model->setRules(memory.rules);
    m_pages->setCurrentIndex(memory.rules.isEmpty() ? 0 : 1);
    for (int column = 0; column < RuleModel::kColumnCount; ++column) {
        if (column != RuleModel::Sentence)
            m_table->resizeColumnToContents(column);
    }
    const int row = std::max(m_model->rowOf(kept), memory.rules.isEmpty() ? -1 : 0);
    if (row >= 0)
        m_table->selectRow(m_shown->mapFromSource(m_model->index(row, 0)).row());
    showRule();
    m_techniques->setRowCount(static_cast<int>(memory.techniques.size()));
    for (int i = 0; i < memory.techniques.size(); ++i) {
        const TechniqueView &t = memory.techniques[i];
        const QStringList cells {t.language,
                                 t.bottleneck,
                                 t.name,
                                 counted(t.count, tr("time"), tr("times")),
                                 ratioText(t.median),
                                 QStringLiteral("%1 – %2").arg(ratioText(t.least), ratioText(t.most))};
        for (int column = 0; column < cells.size(); ++column)
            m_techniques->setItem(i, column, new QTableWidgetItem(cells[column]));
    }
}

const RuleView *MemoryDialog::current() const
{
    return m_model->rule(m_shown->mapToSource(m_table->currentIndex()).row());
}

void MemoryDialog::showRule()
{
    const RuleView *rule = current();
    m_sentence->setPlainText(rule ? rule->sentence : QString());
    m_sentence->setEnabled(rule != nullptr);
    m_save->setEnabled(false);
    for (QPushButton *button : {m_pin, m_disable, m_delete})
        button->setEnabled(rule != nullptr);
    m_pin->setText(rule && rule->pinned ? tr("Un&pin") : tr("&Pin"));
    m_disable->setText(rule && rule->disabled ? tr("&Enable") : tr("D&isable"));
    m_evidence->setText(!rule ? QString()
                            : rule->evidence.isEmpty()
                            ? tr("%1 · nobody here has seen it fail").arg(rule->key)
                            : tr("%1 · seen: %2").arg(rule->key, rule->evidence));
}

void MemoryDialog::askForImport()
{
    auto *dialog = new QFileDialog(this, tr("Import rules"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString &path) { m_store->importList(path, m_language->currentData().toString()); });
    dialog->open();
}

void MemoryDialog::askForExport()
{
    auto *dialog =
        new QFileDialog(this, tr("Export rules"), QStringLiteral("rules.json"), tr("Rules, JSON (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    connect(dialog, &QFileDialog::fileSelected, m_store, &MemoryStore::exportList);
    dialog->open();
}

} // namespace ww::ui
