// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Glyphs.h"

#include <QGuiApplication>
#include <QPainter>

namespace ww::ui {

namespace {

// Icons are drawn on a 16 × 16 grid.
QPainterPath filledPath(Icon icon)
{
    QPainterPath path;
    switch (icon) {
    case Icon::Start: path.addPolygon(QPolygonF({{4, 2.5}, {13, 8}, {4, 13.5}, {4, 2.5}})); break;
    case Icon::Pause:
        path.addRect(3.5, 3, 3.2, 10);
        path.addRect(9.3, 3, 3.2, 10);
        break;
    case Icon::Step:
        path.addPolygon(QPolygonF({{3, 2.5}, {10, 8}, {3, 13.5}, {3, 2.5}}));
        path.addRect(11, 3, 2.4, 10);
        break;
    case Icon::Stop: path.addRect(3.5, 3.5, 9, 9); break;
    default: break;
    }
    return path;
}

QPainterPath strokedPath(Icon icon)
{
    QPainterPath path;
    switch (icon) {
    case Icon::Back:
        path.addPolygon(QPolygonF({{8, 3}, {3, 8}, {8, 13}}));
        path.addPolygon(QPolygonF({{3, 8}, {13, 8}}));
        break;
    case Icon::Forward:
        path.addPolygon(QPolygonF({{8, 3}, {13, 8}, {8, 13}}));
        path.addPolygon(QPolygonF({{13, 8}, {3, 8}}));
        break;
    case Icon::Fit:
        path.addPolygon(QPolygonF({{2.5, 6}, {2.5, 2.5}, {6, 2.5}}));
        path.addPolygon(QPolygonF({{10, 2.5}, {13.5, 2.5}, {13.5, 6}}));
        path.addPolygon(QPolygonF({{13.5, 10}, {13.5, 13.5}, {10, 13.5}}));
        path.addPolygon(QPolygonF({{6, 13.5}, {2.5, 13.5}, {2.5, 10}}));
        break;
    case Icon::Tree:
        path.addEllipse(QPointF(8, 3.5), 1.8, 1.8);
        path.addEllipse(QPointF(3.8, 12.3), 1.8, 1.8);
        path.addEllipse(QPointF(12.2, 12.3), 1.8, 1.8);
        path.addPolygon(QPolygonF({{7.2, 5.2}, {4.6, 10.6}}));
        path.addPolygon(QPolygonF({{8.8, 5.2}, {11.4, 10.6}}));
        break;
    case Icon::Table:
        path.addRect(2.5, 3, 11, 10);
        path.addPolygon(QPolygonF({{2.5, 6.5}, {13.5, 6.5}}));
        path.addPolygon(QPolygonF({{7, 6.5}, {7, 13}}));
        break;
    case Icon::Open:
        path.addPolygon(
            QPolygonF({{2, 12.5}, {2, 3.5}, {6, 3.5}, {7.5, 5.5}, {13.5, 5.5}, {13.5, 12.5}, {2, 12.5}}));
        break;
    case Icon::Export:
        path.addPolygon(QPolygonF({{8, 10}, {8, 2.5}}));
        path.addPolygon(QPolygonF({{5, 5}, {8, 2.2}, {11, 5}}));
        path.addPolygon(QPolygonF({{3, 8.5}, {3, 13.5}, {13, 13.5}, {13, 8.5}}));
        break;
    case Icon::Palette:
        path.addPolygon(QPolygonF({{3, 5}, {6, 8}, {3, 11}}));
        path.addPolygon(QPolygonF({{8, 11.5}, {13, 11.5}}));
        break;
    case Icon::Close:
        path.addPolygon(QPolygonF({{4, 4}, {12, 12}}));
        path.addPolygon(QPolygonF({{12, 4}, {4, 12}}));
        break;
    case Icon::Copy:
        path.addRect(5.5, 5.5, 8, 8);
        path.addPolygon(QPolygonF({{3, 10.5}, {2.5, 10.5}, {2.5, 2.5}, {10.5, 2.5}, {10.5, 3}}));
        break;
    default: break;
    }
    return path;
}

QPixmap drawIcon(Icon icon, const QColor &color, double ratio)
{
    QPixmap pixmap(QSize(16, 16) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillPath(filledPath(icon), color);
    painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(strokedPath(icon));
    return pixmap;
}

} // namespace

QIcon actionIcon(Icon icon)
{
    QIcon made;
    for (const double ratio : {1.0, 2.0}) {
        made.addPixmap(drawIcon(icon, theme()[Role::Text], ratio), QIcon::Normal);
        made.addPixmap(drawIcon(icon, theme()[Role::SelectionText], ratio), QIcon::Normal, QIcon::On);
        made.addPixmap(drawIcon(icon, theme()[Role::OutcomeWaiting], ratio), QIcon::Disabled);
    }
    return made;
}

QIcon programIcon()
{
    QIcon made;
    for (const int size : {16, 32, 48, 64, 128, 256}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.scale(size / 64.0, size / 64.0);
        const Theme &dark = themeOf(ThemeName::Dark);
        painter.setPen(Qt::NoPen);
        painter.setBrush(dark[Role::Window]);
        painter.drawRoundedRect(QRectF(2, 2, 60, 60), 13, 13);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(dark[Role::Accent], 4.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF({{12, 18}, {22, 46}, {32, 24}, {42, 46}, {52, 18}}));
        painter.setPen(Qt::NoPen);
        painter.setBrush(dark[Role::OutcomeWrong]);
        painter.drawEllipse(QPointF(52, 18), 5, 5);
        made.addPixmap(pixmap);
    }
    return made;
}

} // namespace ww::ui
