// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/CandidateModel.h"

#include "widgets/common/Format.h"
#include "widgets/common/Glyphs.h"

namespace ww::ui {

namespace {

const RatioView &bestKnown(const NodeView &node)
{
    return node.confirmed.measured() ? node.confirmed : node.speedup;
}

} // namespace

CandidateModel::CandidateModel(QObject *parent) : QAbstractItemModel(parent) { }

void CandidateModel::reset(QList<NodeView> nodes)
{
    beginResetModel();
    m_entries.clear();
    m_entries.reserve(static_cast<size_t>(nodes.size()));
    m_best = kNoCandidate;
    for (const NodeView &node : nodes)
        insert(node);
    endResetModel();
}

void CandidateModel::insert(const NodeView &node)
{
    Entry entry {node, 0, {}};
    if (!m_entries.empty()) {
        Entry &above = m_entries[static_cast<size_t>(node.parent)];
        entry.row = static_cast<int>(above.children.size());
        above.children.append(node.id);
    }
    m_entries.push_back(std::move(entry));
}

void CandidateModel::append(const NodeView &node)
{
    if (node.id != count() || (count() > 0 && !contains(node.parent)))
        return;
    const QModelIndex above = count() == 0 ? QModelIndex() : indexOf(node.parent);
    const int row = rowCount(above);
    beginInsertRows(above, row, row);
    insert(node);
    endInsertRows();
}

void CandidateModel::update(const NodeView &node)
{
    if (!contains(node.id))
        return;
    m_entries[static_cast<size_t>(node.id)].node = node;
    touch(node.id);
}

void CandidateModel::touch(CandidateId id)
{
    if (contains(id))
        emit dataChanged(indexOf(id), indexOf(id, ColumnCount - 1));
}

void CandidateModel::setBest(CandidateId best)
{
    if (best == m_best)
        return;
    const CandidateId before = std::exchange(m_best, best);
    touch(before);
    touch(best);
}

const QList<CandidateId> &CandidateModel::children(CandidateId id) const
{
    return m_entries[static_cast<size_t>(id)].children;
}

QModelIndex CandidateModel::indexOf(CandidateId id, int column) const
{
    if (!contains(id))
        return {};
    return createIndex(m_entries[static_cast<size_t>(id)].row, column, static_cast<quintptr>(id));
}

CandidateId CandidateModel::idOf(const QModelIndex &index)
{
    return index.isValid() ? static_cast<CandidateId>(index.internalId()) : kNoCandidate;
}

CandidateId CandidateModel::sibling(CandidateId id, int by) const
{
    if (!contains(id) || id == 0)
        return kNoCandidate;
    const Entry &entry = m_entries[static_cast<size_t>(id)];
    const auto &all = children(entry.node.parent);
    const int wanted = entry.row + by;
    return wanted >= 0 && wanted < all.size() ? all[wanted] : kNoCandidate;
}

QModelIndex CandidateModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent))
        return {};
    const CandidateId id = parent.isValid() ? children(idOf(parent))[row] : 0;
    return createIndex(row, column, static_cast<quintptr>(id));
}

QModelIndex CandidateModel::parent(const QModelIndex &child) const
{
    const CandidateId id = idOf(child);
    return id <= 0 ? QModelIndex() : indexOf(node(id).parent);
}

int CandidateModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return m_entries.empty() ? 0 : 1;
    return parent.column() == 0 ? static_cast<int>(children(idOf(parent)).size()) : 0;
}

int CandidateModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QString CandidateModel::cellText(const NodeView &node, int column) const
{
    switch (column) {
    case Id: return idText(node.id);
    case Result: return outcomeName(node.outcome);
    case Speedup: return ratioText(bestKnown(node).value);
    case Interval: return intervalText(bestKnown(node));
    case Median: return timeText(node.medianUs);
    case Step: return node.step > 0 ? QString::number(node.step) : QStringLiteral("–");
    case Title: return node.title;
    case Origin: return node.origin;
    default: return {};
    }
}

QVariant CandidateModel::sortValue(const NodeView &node, int column) const
{
    switch (column) {
    case Id: return node.id;
    case Result: return static_cast<int>(node.outcome);
    case Speedup:
    case Interval: return bestKnown(node).value;
    case Median: return node.medianUs;
    case Step: return node.step;
    default: return cellText(node, column);
    }
}

QVariant CandidateModel::data(const QModelIndex &index, int role) const
{
    const CandidateId id = idOf(index);
    if (!contains(id))
        return {};
    const NodeView &shown = node(id);
    switch (role) {
    case Qt::DisplayRole: return cellText(shown, index.column());
    case Qt::DecorationRole:
        return index.column() == Id ? QVariant(glyphPixmap(glyphOf(shown, id == m_best), 18, 2)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant(index.column() == Speedup || index.column() == Interval || index.column() == Median
                                || index.column() == Step
                            ? Qt::AlignRight | Qt::AlignVCenter
                            : Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: return describe(shown);
    case IdRole: return id;
    case OutcomeRole: return static_cast<int>(shown.outcome);
    case SpeedupRole: return bestKnown(shown).value;
    case SortRole: return sortValue(shown, index.column());
    case FilterRole:
        return QStringList {idText(id),   outcomeName(shown.outcome), shown.verdict, shown.title,
                            shown.origin, stepName(shown.kind)}
            .join(QLatin1Char(' '));
    default: return {};
    }
}

QVariant CandidateModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        return QVariant(section >= Speedup && section <= Step ? Qt::AlignRight | Qt::AlignVCenter
                                                              : Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole && section == Interval)
        return tr("95 % interval of the speed-up");
    if (role == Qt::ToolTipRole && section == Median)
        return tr("Sum of the median times over the timed workloads");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Id: return tr("#");
    case Result: return tr("Result");
    case Speedup: return tr("Speed-up");
    case Interval: return tr("95 %");
    case Median: return tr("Median");
    case Step: return tr("Step");
    case Title: return tr("Candidate");
    case Origin: return tr("Made by");
    default: return {};
    }
}

QString describe(const NodeView &node)
{
    QString text = idText(node.id);
    if (!node.title.isEmpty())
        text += QLatin1Char(' ') + node.title;
    if (node.outcome != Outcome::Start)
        text += QStringLiteral(" · ") + outcomeName(node.outcome);
    if (node.speedup.measured()) {
        text += QLatin1Char(' ') + ratioWithInterval(bestKnown(node));
        text += node.confirmed.measured() ? QObject::tr(", confirmed")
            : node.confirmationFailed     ? QObject::tr(", not reproduced")
                                          : QString();
    }
    return text;
}

} // namespace ww::ui
