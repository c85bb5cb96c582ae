// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/Glyphs.h"

#include <QGuiApplication>
#include <QPainter>

#include <cmath>
#include <numbers>

namespace ww::ui {

namespace {

QPolygonF starPolygon()
{
    QPolygonF star;
    for (int i = 0; i < 10; ++i) {
        const double radius = i % 2 == 0 ? 1.15 : 0.5;
        const double angle = (i * 36 - 90) * std::numbers::pi / 180;
        star << QPointF(radius * std::cos(angle), radius * std::sin(angle));
    }
    return star;
}

QPainterPath scaled(const QPainterPath &path, QPointF center, double radius)
{
    QTransform transform;
    transform.translate(center.x(), center.y());
    transform.scale(radius, radius);
    return transform.map(path);
}

void drawPen(QPainter &painter, QPointF center, double radius, const QColor &color)
{
    const QPointF tip = center + QPointF(radius * 0.85, radius * 1.25);
    const QPointF end = tip + QPointF(radius * 0.8, -radius * 0.8);
    painter.setPen(QPen(color, std::max(1.4, radius * 0.28), Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(tip + QPointF(radius * 0.25, -radius * 0.25), end);
    painter.setPen(QPen(color, std::max(1.0, radius * 0.12), Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(tip, tip + QPointF(radius * 0.25, -radius * 0.25));
}

void drawBody(QPainter &painter, QPointF center, double radius, const GlyphState &state, const QColor &color)
{
    const double stroke = std::max(1.4, radius * 0.3);
    const QPainterPath path = scaled(outcomeShape(state.outcome), center, radius);
    if (state.best) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme()[Role::Best]);
        QPainterPath star;
        star.addPolygon(starPolygon());
        painter.drawPath(scaled(star, center, radius));
        return;
    }
    if (state.outcome == Outcome::Running) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, stroke, Qt::SolidLine, Qt::FlatCap));
        const QRectF box(center.x() - radius * 0.9, center.y() - radius * 0.9, radius * 1.8, radius * 1.8);
        painter.drawArc(box, static_cast<int>(-state.ringTurn * 16), 270 * 16);
        return;
    }
    painter.setPen(isOutlined(state.outcome) ? QPen(color, stroke, Qt::SolidLine, Qt::RoundCap)
                                             : QPen(Qt::NoPen));
    painter.setBrush(isOutlined(state.outcome) ? QBrush(Qt::NoBrush) : QBrush(color));
    painter.drawPath(path);
}

} // namespace

GlyphState glyphOf(const NodeView &node, bool best)
{
    GlyphState state;
    state.outcome = node.outcome;
    state.speedup = node.confirmed.measured() ? node.confirmed.value : node.speedup.value;
    state.best = best;
    state.confirmed = node.confirmed.measured();
    state.human = node.human;
    return state;
}

bool isOutlined(Outcome outcome)
{
    return outcome == Outcome::Wrong || outcome == Outcome::NotFaster || outcome == Outcome::Waiting
        || outcome == Outcome::Running;
}

QPainterPath outcomeShape(Outcome outcome)
{
    QPainterPath path;
    switch (outcome) {
    case Outcome::Start: {
        path.addPolygon(QPolygonF({{0, -1}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}}));
        break;
    }
    case Outcome::BuildError: path.addPolygon(QPolygonF({{0, -1}, {1, 0.85}, {-1, 0.85}, {0, -1}})); break;
    case Outcome::Wrong:
        path.moveTo(-0.75, -0.75);
        path.lineTo(0.75, 0.75);
        path.moveTo(0.75, -0.75);
        path.lineTo(-0.75, 0.75);
        break;
    case Outcome::Crashed: path.addRect(-0.82, -0.82, 1.64, 1.64); break;
    case Outcome::Ambiguous:
        // A ring and, inside it, a half disc: filled by the odd-even rule.
        path.addEllipse(QPointF(0, 0), 0.95, 0.95);
        path.addEllipse(QPointF(0, 0), 0.72, 0.72);
        path.moveTo(0, -0.72);
        path.arcTo(QRectF(-0.72, -0.72, 1.44, 1.44), 90, 180);
        path.closeSubpath();
        break;
    case Outcome::Fault: // an hourglass
        path.addPolygon(QPolygonF({{-0.8, -0.95}, {0.8, -0.95}, {0, 0}, {-0.8, -0.95}}));
        path.addPolygon(QPolygonF({{-0.8, 0.95}, {0.8, 0.95}, {0, 0}, {-0.8, 0.95}}));
        break;
    case Outcome::Waiting:
        path.moveTo(-0.6, 0);
        path.lineTo(0.6, 0);
        break;
    case Outcome::Running:
    case Outcome::NotFaster: path.addEllipse(QPointF(0, 0), 0.82, 0.82); break;
    case Outcome::Faster: path.addEllipse(QPointF(0, 0), 0.95, 0.95); break;
    }
    return path;
}

void drawGlyph(QPainter &painter, QPointF center, double radius, const GlyphState &state)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (state.dimmed)
        painter.setOpacity(0.25);
    drawBody(painter, center, radius, state, outcomeColor(theme(), state.outcome, state.speedup));
    if (state.best) {
        QPen ring(theme()[Role::Best], std::max(1.2, radius * 0.2));
        if (!state.confirmed)
            ring.setDashPattern({2, 2});
        painter.setPen(ring);
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(center, radius * 1.55, radius * 1.55);
    }
    if (state.human)
        drawPen(painter, center, radius, theme()[Role::Text]);
    painter.restore();
}

QPixmap glyphPixmap(const GlyphState &state, int size, double devicePixelRatio)
{
    QPixmap pixmap(QSize(size, size) * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    const double radius = state.best ? size * 0.29 : state.human ? size * 0.28 : size * 0.36;
    const QPointF shift = state.human ? QPointF(-size * 0.12, -size * 0.12) : QPointF();
    drawGlyph(painter, QPointF(size / 2.0, size / 2.0) + shift, radius, state);
    return pixmap;
}

} // namespace ww::ui
