// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/memory/RuleModel.h"

#include "widgets/common/Format.h"

namespace ww::ui {

namespace {

QString failures(int failed, int prompts)
{
    return prompts == 0 ? QStringLiteral("–") : QObject::tr("%1 of %2").arg(failed).arg(prompts);
}

QVariant sortValue(const RuleView &rule, int column)
{
    switch (column) {
    case RuleModel::Support: return rule.support;
    case RuleModel::Strength: return rule.strength;
    case RuleModel::Shown: return rule.shown;
    case RuleModel::FailedWith: return rule.shown == 0 ? -1.0 : double(rule.failuresShown) / rule.shown;
    case RuleModel::FailedWithout:
        return rule.heldOut == 0 ? -1.0 : double(rule.failuresHeldOut) / rule.heldOut;
    default: return {};
    }
}

QString shownText(const RuleView &rule, int column)
{
    switch (column) {
    case RuleModel::State: return ruleState(rule);
    case RuleModel::Sentence: return rule.sentence;
    case RuleModel::Language: return rule.language;
    case RuleModel::Support: return QString::number(rule.support);
    case RuleModel::Strength: return threeDigits(rule.strength);
    case RuleModel::Shown: return QString::number(rule.shown);
    case RuleModel::FailedWith: return failures(rule.failuresShown, rule.shown);
    case RuleModel::FailedWithout: return failures(rule.failuresHeldOut, rule.heldOut);
    default: return {};
    }
}

} // namespace

QString ruleState(const RuleView &rule)
{
    if (rule.disabled)
        return QObject::tr("disabled");
    if (rule.pinned)
        return QObject::tr("pinned");
    if (rule.check == QLatin1String("refuted"))
        return QObject::tr("refuted");
    return rule.active ? QObject::tr("active") : QObject::tr("candidate");
}

void RuleModel::setRules(const QList<RuleView> &rules)
{
    beginResetModel();
    m_rules = rules;
    endResetModel();
}

const RuleView *RuleModel::rule(int row) const
{
    return row >= 0 && row < m_rules.size() ? &m_rules[row] : nullptr;
}

int RuleModel::rowOf(const QString &key) const
{
    for (int row = 0; row < m_rules.size(); ++row) {
        if (m_rules[row].key == key)
            return row;
    }
    return -1;
}

int RuleModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rules.size());
}

int RuleModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : kColumnCount;
}

QVariant RuleModel::data(const QModelIndex &index, int role) const
{
    const RuleView *shown = rule(index.row());
    if (!shown)
        return {};
    if (role == Qt::DisplayRole)
        return shownText(*shown, index.column());
    if (role == kSortRole) {
        const QVariant value = sortValue(*shown, index.column());
        return value.isValid() ? value : shownText(*shown, index.column());
    }
    if (role == Qt::ToolTipRole)
        return QStringLiteral("%1\n%2\n%3").arg(shown->key, shown->sentence, shown->evidence).trimmed();
    if (role == Qt::TextAlignmentRole && index.column() >= Support)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant RuleModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const struct {
        const char *title;
        const char *meaning;
    } kHeaders[] = {
        {QT_TR_NOOP("State"), QT_TR_NOOP("Active and pinned rules are offered to prompts")},
        {QT_TR_NOOP("Rule"), QT_TR_NOOP("What a model is told")},
        {QT_TR_NOOP("Language"), QT_TR_NOOP("Of the kernels it is about")},
        {QT_TR_NOOP("Support"), QT_TR_NOOP("Candidates that failed in its way")},
        {QT_TR_NOOP("Strength"),
         QT_TR_NOOP("Support, halved with every 20 prompts that do not need the rule")},
        {QT_TR_NOOP("Shown"), QT_TR_NOOP("Prompts that held it")},
        {QT_TR_NOOP("Failed with"), QT_TR_NOOP("Of the prompts that held it, those that failed in its way")},
        {QT_TR_NOOP("Failed without"),
         QT_TR_NOOP("Of the prompts drawn to go without it, those that failed in its way")},
    };
    if (section < 0 || section >= kColumnCount)
        return {};
    if (role == Qt::DisplayRole)
        return tr(kHeaders[section].title);
    return role == Qt::ToolTipRole ? tr(kHeaders[section].meaning) : QVariant();
}

} // namespace ww::ui
