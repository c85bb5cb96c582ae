// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/Selection.h"

#include "widgets/models/CandidateTable.h"

namespace ww::ui {

namespace {
constexpr qsizetype kHistoryLimit = 500;
constexpr auto kSelectRow = QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows;
} // namespace

Selection::Selection(CandidateModel *model, QObject *parent)
    : QObject(parent), m_model(model), m_selection(model, this)
{
    connect(&m_selection, &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &index) {
        const CandidateId id = CandidateModel::idOf(index);
        if (id != kNoCandidate && !m_walking)
            remember(id);
        emit changed(id);
    });
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        m_history.clear();
        m_place = -1;
        emit historyChanged();
        emit changed(kNoCandidate);
    });
}

CandidateId Selection::current() const
{
    return CandidateModel::idOf(m_selection.currentIndex());
}

void Selection::select(CandidateId id)
{
    if (m_model->contains(id) && id != current())
        m_selection.setCurrentIndex(m_model->indexOf(id), kSelectRow);
}

void Selection::show(CandidateId id)
{
    m_walking = true;
    select(id);
    m_walking = false;
}

void Selection::remember(CandidateId id)
{
    m_history.resize(m_place + 1);
    m_history.append(id);
    if (m_history.size() > kHistoryLimit)
        m_history.removeFirst();
    m_place = m_history.size() - 1;
    emit historyChanged();
}

void Selection::back()
{
    if (canGoBack()) {
        m_walking = true;
        select(m_history[--m_place]);
        m_walking = false;
        emit historyChanged();
    }
}

void Selection::forward()
{
    if (canGoForward()) {
        m_walking = true;
        select(m_history[++m_place]);
        m_walking = false;
        emit historyChanged();
    }
}

QItemSelectionModel *Selection::selectionFor(CandidateTable *table)
{
    auto *mirror = new QItemSelectionModel(table, table);
    const auto follow = [this, mirror, table] {
        const QModelIndex row = table->mapFromSource(m_model->indexOf(current()));
        if (!row.isValid()) {
            mirror->clearCurrentIndex(); // filtered out: still selected elsewhere
            mirror->clearSelection();
        } else if (mirror->currentIndex().row() != row.row() || !mirror->isRowSelected(row.row())) {
            mirror->setCurrentIndex(row, kSelectRow);
        }
    };
    connect(this, &Selection::changed, mirror, follow);
    connect(table, &QAbstractItemModel::modelReset, mirror, follow);
    connect(mirror, &QItemSelectionModel::currentRowChanged, this, [this, table](const QModelIndex &index) {
        if (index.isValid())
            select(CandidateModel::idOf(table->mapToSource(index)));
    });
    return mirror;
}

} // namespace ww::ui
