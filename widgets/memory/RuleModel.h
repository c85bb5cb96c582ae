// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/MemoryViews.h"

#include <QAbstractTableModel>

namespace ww::ui {

/// The rules of memory, one a row.
class RuleModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        State,
        Sentence,
        Language,
        Support,
        Strength,
        Shown,
        FailedWith,
        FailedWithout,
        kColumnCount
    };
    /// A number to sort by, where the shown text does not sort right.
    static constexpr int kSortRole = Qt::UserRole + 1;

    using QAbstractTableModel::QAbstractTableModel;
    void setRules(const QList<RuleView> &rules);
    [[nodiscard]] const RuleView *rule(int row) const;
    [[nodiscard]] int rowOf(const QString &key) const; ///< −1: none

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<RuleView> m_rules;
};

/// "pinned", "disabled", "refuted", "active", "candidate": the first that holds.
[[nodiscard]] QString ruleState(const RuleView &rule);

} // namespace ww::ui
