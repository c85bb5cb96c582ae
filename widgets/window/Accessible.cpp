// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/window/Accessible.h"

#include "widgets/charts/Plot.h"
#include "widgets/tree/TreeCanvas.h"

#include <QAccessibleWidget>

namespace ww::ui {

namespace {

class DrawnWidget final : public QAccessibleWidget {
public:
    DrawnWidget(QWidget *widget, QAccessible::Role role) : QAccessibleWidget(widget, role) { }

    QString text(QAccessible::Text kind) const override
    {
        if (kind != QAccessible::Value)
            return QAccessibleWidget::text(kind);
        if (const auto *canvas = qobject_cast<const TreeCanvas *>(widget()))
            return canvas->spokenText();
        if (const auto *plot = qobject_cast<const Plot *>(widget()))
            return plot->summary();
        return {};
    }
};

QAccessibleInterface *makeAccessible(const QString &, QObject *object)
{
    if (auto *canvas = qobject_cast<TreeCanvas *>(object))
        return new DrawnWidget(canvas, QAccessible::Tree);
    if (auto *plot = qobject_cast<Plot *>(object))
        return new DrawnWidget(plot, QAccessible::Chart);
    return nullptr;
}

} // namespace

void installAccessibleFactory()
{
    QAccessible::installFactory(makeAccessible);
}

} // namespace ww::ui
