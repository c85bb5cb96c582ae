// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/CandidateModel.h"

#include <QAbstractProxyModel>

namespace ww::ui {

/// The candidates as flat rows, filtered and sorted. New rows go to the end and changed rows stay where
/// they are, whatever the sorting: what is being read never moves. Sorting again is a person's act.
class CandidateTable final : public QAbstractProxyModel {
    Q_OBJECT
public:
    explicit CandidateTable(CandidateModel *source, QObject *parent = nullptr);

    /// Shows only candidates whose text has every word of `text`, in any case.
    void setFilter(const QString &text);
    /// Whether the candidate passes the filter.
    [[nodiscard]] bool isShown(CandidateId id) const
    {
        return id > 0 && id < m_rows.size() && m_rows[id] >= 0;
    }
    /// True once rows were added or changed since the last sort by anything but "#".
    [[nodiscard]] bool isStale() const { return m_stale; }

    QModelIndex mapToSource(const QModelIndex &proxyIndex) const override;
    QModelIndex mapFromSource(const QModelIndex &sourceIndex) const override;
    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

signals:
    void staleChanged(bool stale);

private:
    [[nodiscard]] bool matches(CandidateId id) const;
    void rebuild();
    void sourceInserted(const QModelIndex &parent, int first, int last);
    void sourceChanged(const QModelIndex &topLeft);
    void renumber();
    void setStale(bool stale);
    [[nodiscard]] CandidateModel *candidates() const;

    QStringList m_words;
    QList<CandidateId> m_order; ///< row → id
    QList<int> m_rows; ///< id → row, −1 when filtered out
    int m_sortColumn = CandidateModel::Id;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    bool m_stale = false;
};

} // namespace ww::ui
