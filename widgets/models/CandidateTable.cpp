// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/CandidateTable.h"

#include <algorithm>

namespace ww::ui {

namespace {

bool lessThan(const QVariant &a, const QVariant &b)
{
    return QVariant::compare(a, b) == QPartialOrdering::Less;
}

} // namespace

CandidateTable::CandidateTable(CandidateModel *source, QObject *parent) : QAbstractProxyModel(parent)
{
    setSourceModel(source);
    connect(source, &QAbstractItemModel::modelAboutToBeReset, this, &CandidateTable::beginResetModel);
    connect(source, &QAbstractItemModel::modelReset, this, [this] {
        rebuild();
        endResetModel();
    });
    connect(source, &QAbstractItemModel::rowsInserted, this, &CandidateTable::sourceInserted);
    connect(source, &QAbstractItemModel::dataChanged, this, &CandidateTable::sourceChanged);
    rebuild();
}

CandidateModel *CandidateTable::candidates() const
{
    return static_cast<CandidateModel *>(sourceModel());
}

bool CandidateTable::matches(CandidateId id) const
{
    if (m_words.isEmpty())
        return true;
    const CandidateModel *model = candidates();
    const QString text = model->data(model->indexOf(id), CandidateModel::FilterRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

void CandidateTable::rebuild()
{
    m_order.clear();
    for (CandidateId id = 1; id < candidates()->count(); ++id) {
        if (matches(id))
            m_order.append(id);
    }
    if (m_sortColumn != CandidateModel::Id || m_sortOrder != Qt::AscendingOrder) {
        const CandidateModel *model = candidates();
        const auto key = [&](CandidateId id) {
            return model->data(model->indexOf(id, m_sortColumn), CandidateModel::SortRole);
        };
        std::stable_sort(m_order.begin(), m_order.end(), [&](CandidateId a, CandidateId b) {
            return m_sortOrder == Qt::AscendingOrder ? lessThan(key(a), key(b)) : lessThan(key(b), key(a));
        });
    }
    renumber();
    setStale(false);
}

void CandidateTable::renumber()
{
    m_rows.fill(-1, candidates()->count());
    for (int row = 0; row < m_order.size(); ++row)
        m_rows[m_order[row]] = row;
}

void CandidateTable::setFilter(const QString &text)
{
    const QStringList words = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (words == m_words)
        return;
    beginResetModel();
    m_words = words;
    rebuild();
    endResetModel();
}

void CandidateTable::sourceInserted(const QModelIndex &parent, int first, int last)
{
    for (int row = first; row <= last; ++row) {
        const CandidateId id = CandidateModel::idOf(sourceModel()->index(row, 0, parent));
        m_rows.resize(candidates()->count(), -1);
        if (id == 0 || !matches(id))
            continue;
        const int place = static_cast<int>(m_order.size());
        beginInsertRows({}, place, place);
        m_order.append(id);
        m_rows[id] = place;
        endInsertRows();
        setStale(m_sortColumn != CandidateModel::Id || m_sortOrder != Qt::AscendingOrder);
    }
}

void CandidateTable::sourceChanged(const QModelIndex &topLeft)
{
    const CandidateId id = CandidateModel::idOf(topLeft);
    const int row = id > 0 && id < m_rows.size() ? m_rows[id] : -1;
    if (row < 0)
        return;
    emit dataChanged(index(row, 0), index(row, CandidateModel::ColumnCount - 1));
    setStale(m_stale || m_sortColumn != CandidateModel::Id);
}

void CandidateTable::setStale(bool stale)
{
    if (stale != m_stale) {
        m_stale = stale;
        emit staleChanged(stale);
    }
}

void CandidateTable::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = std::max(column, 0);
    m_sortOrder = order;
    emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QList<CandidateId> ids;
    for (const QModelIndex &index : before)
        ids.append(m_order[index.row()]);
    rebuild();
    QModelIndexList after;
    for (int i = 0; i < before.size(); ++i)
        after.append(index(m_rows[ids[i]], before[i].column()));
    changePersistentIndexList(before, after);
    emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QModelIndex CandidateTable::mapToSource(const QModelIndex &proxyIndex) const
{
    if (!proxyIndex.isValid() || proxyIndex.row() >= m_order.size())
        return {};
    return candidates()->indexOf(m_order[proxyIndex.row()], proxyIndex.column());
}

QModelIndex CandidateTable::mapFromSource(const QModelIndex &sourceIndex) const
{
    const CandidateId id = CandidateModel::idOf(sourceIndex);
    const int row = id > 0 && id < m_rows.size() ? m_rows[id] : -1;
    return row < 0 ? QModelIndex() : createIndex(row, sourceIndex.column());
}

QModelIndex CandidateTable::index(int row, int column, const QModelIndex &parent) const
{
    return hasIndex(row, column, parent) ? createIndex(row, column) : QModelIndex();
}

QModelIndex CandidateTable::parent(const QModelIndex &) const
{
    return {};
}

int CandidateTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.size());
}

int CandidateTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : CandidateModel::ColumnCount;
}

QVariant CandidateTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? sourceModel()->headerData(section, orientation, role) : QVariant();
}

} // namespace ww::ui
