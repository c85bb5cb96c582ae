// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QWidget>

class QComboBox;

namespace ww::ui {

class FlowLayout;

/// One chooser for each tunable of the plan.
class ParameterRow final : public QWidget {
    Q_OBJECT
public:
    explicit ParameterRow(QWidget *parent = nullptr);
    /// Shows the plan's tunables; a value that `chosen` lacks, or that the plan no longer lists, is the
    /// default.
    void show(const QList<TunableView> &tunables, const QMap<QString, qint64> &chosen);
    [[nodiscard]] QMap<QString, qint64> values() const;

signals:
    void edited();

private:
    void rebuild(const QList<TunableView> &tunables);

    FlowLayout *m_layout;
    QList<QComboBox *> m_boxes;
    QList<TunableView> m_tunables;
};

} // namespace ww::ui
