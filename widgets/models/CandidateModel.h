// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QAbstractItemModel>

#include <vector>

namespace ww::ui {

/// The candidates of one session as a tree, children under parents in order of creation. The single row
/// at the top is the start (id 0). Grows by append(): never reset while a search runs.
class CandidateModel final : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Id, Result, Speedup, Interval, Median, Step, Title, Origin, ColumnCount };
    /// SortRole gives a number or text to order by; FilterRole all text a filter looks at.
    enum Role { IdRole = Qt::UserRole, OutcomeRole, SpeedupRole, SortRole, FilterRole };

    explicit CandidateModel(QObject *parent = nullptr);

    /// Replaces everything: another session. nodes[i].id must be i; a parent comes before its children.
    void reset(QList<NodeView> nodes);
    /// A new candidate, whose id must be count(). Ignored when its parent is not here.
    void append(const NodeView &node);
    /// New facts of a candidate.
    void update(const NodeView &node);
    /// Which one is the session's best, and so drawn as a star; kNoCandidate for none.
    void setBest(CandidateId best);

    [[nodiscard]] int count() const { return static_cast<int>(m_entries.size()); }
    [[nodiscard]] CandidateId best() const { return m_best; }
    [[nodiscard]] const NodeView &node(CandidateId id) const
    {
        return m_entries[static_cast<size_t>(id)].node;
    }
    [[nodiscard]] bool contains(CandidateId id) const { return id >= 0 && id < count(); }
    [[nodiscard]] const QList<CandidateId> &children(CandidateId id) const;
    [[nodiscard]] QModelIndex indexOf(CandidateId id, int column = Id) const;
    [[nodiscard]] static CandidateId idOf(const QModelIndex &index);
    /// Sibling `by` places further; kNoCandidate past the ends.
    [[nodiscard]] CandidateId sibling(CandidateId id, int by) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Entry {
        NodeView node;
        int row = 0;
        QList<CandidateId> children;
    };
    void insert(const NodeView &node);
    void touch(CandidateId id);
    [[nodiscard]] QString cellText(const NodeView &node, int column) const;
    [[nodiscard]] QVariant sortValue(const NodeView &node, int column) const;

    std::vector<Entry> m_entries; ///< index = id
    CandidateId m_best = kNoCandidate;
};

/// One line that says what a candidate is: "#31 tiled · faster 24.6× [24.1, 25.2]".
[[nodiscard]] QString describe(const NodeView &node);

} // namespace ww::ui
