// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/ParameterRow.h"

#include "widgets/common/FlowLayout.h"
#include "widgets/editor/KernelLexer.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>

namespace ww::ui {

namespace {
bool sameTunables(const QList<TunableView> &a, const QList<TunableView> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TunableView &x, const TunableView &y) {
        return x.name == y.name && x.values == y.values;
    });
}
} // namespace

ParameterRow::ParameterRow(QWidget *parent) : QWidget(parent), m_layout(new FlowLayout(12, this))
{
    setObjectName(QStringLiteral("parameterRow"));
    m_layout->setContentsMargins(8, 4, 8, 4);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    rebuild({});
}

void ParameterRow::rebuild(const QList<TunableView> &tunables)
{
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    m_boxes.clear();
    m_tunables = tunables;
    if (tunables.isEmpty()) {
        auto *none = new QLabel(tr("No parameters: the plan has no “//@ tune” line"));
        none->setProperty("dim", true);
        m_layout->addWidget(none);
    }
    for (const TunableView &tunable : tunables) {
        auto *cell = new QWidget;
        auto *row = new QHBoxLayout(cell);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(6);
        auto *name = new QLabel(tunable.name);
        name->setFont(codeFont());
        auto *box = new QComboBox;
        box->setObjectName(QStringLiteral("parameter_") + tunable.name);
        box->setAccessibleName(tr("Parameter %1").arg(tunable.name));
        box->setToolTip(tr("%1 becomes -D%1=… ; the first value is the default").arg(tunable.name));
        for (const qint64 value : tunable.values)
            box->addItem(QString::number(value), value);
        name->setBuddy(box);
        row->addWidget(name);
        row->addWidget(box);
        m_layout->addWidget(cell);
        m_boxes.append(box);
        connect(box, &QComboBox::activated, this, &ParameterRow::edited);
    }
    updateGeometry();
}

void ParameterRow::show(const QList<TunableView> &tunables, const QMap<QString, qint64> &chosen)
{
    if (!sameTunables(tunables, m_tunables))
        rebuild(tunables);
    for (int i = 0; i < m_boxes.size(); ++i) {
        const int row = m_boxes[i]->findData(chosen.value(tunables[i].name, tunables[i].values.value(0)));
        m_boxes[i]->setCurrentIndex(std::max(row, 0));
    }
}

QMap<QString, qint64> ParameterRow::values() const
{
    QMap<QString, qint64> chosen;
    for (int i = 0; i < m_boxes.size(); ++i)
        chosen[m_tunables[i].name] = m_boxes[i]->currentData().toLongLong();
    return chosen;
}

} // namespace ww::ui
