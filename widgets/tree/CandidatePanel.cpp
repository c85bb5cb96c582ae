// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/CandidatePanel.h"

#include "widgets/common/EmptyState.h"
#include "widgets/common/Format.h"
#include "widgets/common/PanelHeader.h"
#include "widgets/tree/TreeCanvas.h"
#include "widgets/tree/TreeLegend.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace ww::ui {

CandidatePanel::CandidatePanel(CandidateModel *model, Selection *selection, QWidget *parent)
    : QWidget(parent),
      m_model(model),
      m_selection(selection),
      m_table(new CandidateTable(model, this)),
      m_header(new PanelHeader),
      m_tabs(new QTabBar),
      m_filter(new QLineEdit),
      m_chip(new QToolButton),
      m_stack(new QStackedWidget),
      m_empty(new EmptyState(tr("No candidates yet"),
                             tr("Start a search to see its tree grow here, or open a finished session."))),
      m_treePage(new QWidget),
      m_canvas(new TreeCanvas(model, m_table, selection)),
      m_legend(new TreeLegend),
      m_tableView(new QTableView)
{
    m_tabs->addTab(tr("Tree"));
    m_tabs->addTab(tr("Table"));
    m_tabs->setAccessibleName(tr("Show candidates as"));
    m_tabs->setDrawBase(false);
    m_filter->setObjectName(QStringLiteral("candidateFilter"));
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setAccessibleName(tr("Filter candidates"));
    m_filter->setToolTip(tr("Words of number, result, title or origin: \"faster tiled\", \"build error\""));
    m_filter->setProperty("search", true);
    m_filter->setClearButtonEnabled(true);
    m_chip->setObjectName(QStringLiteral("newChip"));
    m_chip->setCheckable(true);
    m_chip->setChecked(true);
    m_chip->hide();
    m_header->add(m_tabs);
    m_header->add(m_filter, 1);
    m_header->add(m_chip);

    auto *treeLayout = new QVBoxLayout(m_treePage);
    treeLayout->setContentsMargins(0, 0, 0, 0);
    treeLayout->setSpacing(0);
    treeLayout->addWidget(m_canvas, 1);
    treeLayout->addWidget(m_legend);
    buildTable();
    for (QWidget *page : {static_cast<QWidget *>(m_empty), m_treePage, static_cast<QWidget *>(m_tableView)})
        m_stack->addWidget(page);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(m_tabs, &QTabBar::currentChanged, this, [this](int) {
        updateShown();
        emit viewChanged(isTable());
    });
    connect(m_filter, &QLineEdit::textChanged, m_table, &CandidateTable::setFilter);
    connect(m_chip, &QToolButton::clicked, this, &CandidatePanel::catchUp);
    connect(m_canvas, &TreeCanvas::activated, this, &CandidatePanel::activated);
    connect(m_canvas, &TreeCanvas::followingChanged, this, [this](bool following) {
        if (following)
            setNewCount(0);
    });
    connect(model, &QAbstractItemModel::rowsInserted, this, [this] {
        updateShown();
        if (!m_canvas->isFollowing())
            setNewCount(m_newCount + 1);
    });
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        setNewCount(0);
        updateShown();
    });
    updateShown();
}

void CandidatePanel::buildTable()
{
    m_tableView->setObjectName(QStringLiteral("candidateTable"));
    m_tableView->setAccessibleName(tr("Candidates as a table"));
    m_tableView->setModel(m_table);
    m_tableView->setSelectionModel(m_selection->selectionFor(m_table));
    m_tableView->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tableView->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tableView->setShowGrid(false);
    m_tableView->setWordWrap(false);
    m_tableView->verticalHeader()->hide();
    m_tableView->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    m_tableView->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_tableView->horizontalHeader()->setHighlightSections(false);
    m_tableView->horizontalHeader()->setSectionsMovable(true);
    m_tableView->horizontalHeader()->setSortIndicator(CandidateModel::Id, Qt::AscendingOrder);
    m_tableView->setSortingEnabled(true);
    const int unit = fontMetrics().averageCharWidth();
    const int widths[] = {13, 20, 13, 18, 13, 9, 34, 14}; // in average characters
    for (int column = 0; column < CandidateModel::ColumnCount; ++column)
        m_tableView->setColumnWidth(column, widths[column] * unit);
    m_tableView->setIconSize({18, 18});
    connect(m_tableView, &QTableView::doubleClicked, this, [this](const QModelIndex &index) {
        emit activated(CandidateModel::idOf(m_table->mapToSource(index)));
    });
}

bool CandidatePanel::isTable() const
{
    return m_tabs->currentIndex() == 1;
}

void CandidatePanel::showTree()
{
    m_tabs->setCurrentIndex(0);
    m_canvas->setFocus();
}

void CandidatePanel::showTable()
{
    m_tabs->setCurrentIndex(1);
    m_tableView->setFocus();
}

void CandidatePanel::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void CandidatePanel::updateShown()
{
    QWidget *page = m_model->count() == 0 ? m_empty
        : isTable()                       ? static_cast<QWidget *>(m_tableView)
                                          : m_treePage;
    m_stack->setCurrentWidget(page);
    if (page == m_tableView)
        m_tableView->scrollTo(m_tableView->currentIndex());
}

void CandidatePanel::setNewCount(int count)
{
    m_newCount = count;
    m_chip->setVisible(count > 0);
    m_chip->setChecked(true);
    m_chip->setText(tr("%1 new").arg(count));
    m_chip->setToolTip(tr("Show the newest and follow the search again"));
    m_chip->setAccessibleName(
        tr("%1 new: show the newest").arg(counted(count, tr("candidate"), tr("candidates"))));
}

void CandidatePanel::catchUp()
{
    setNewCount(0);
    m_canvas->setFollowing(true);
    if (isTable())
        m_tableView->scrollToBottom();
}

} // namespace ww::ui
