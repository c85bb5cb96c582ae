// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/TreeCanvas.h"

#include "widgets/common/Format.h"
#include "widgets/common/Glyphs.h"

#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <array>
#include <cmath>

namespace ww::ui {

namespace {
constexpr double kGlyphRadius = 3.6; // below, a mark is a dot
constexpr double kLabelZoom = 0.8; // from here on marks have number and speed-up beside them
constexpr double kRatioZoom = 0.5; // from here on the speed-up alone
constexpr double kMinimapWidth = 132;

QPen edgePen(const Theme &colors, StepKind kind, double zoom)
{
    const double scale = std::clamp(zoom, 0.5, 1.0);
    QPen pen(colors[Role::TreeEdge], (kind == StepKind::Large ? 2.6 : 1.2) * scale);
    if (kind == StepKind::Tune)
        pen.setStyle(Qt::DotLine);
    return pen;
}
} // namespace

TreeCanvas::Span TreeCanvas::visibleLevels(const QRectF &area) const
{
    const double top = origin().y();
    const double row = rowHeight();
    const int last = static_cast<int>(m_layout.levels.size()) - 1;
    return {std::clamp(static_cast<int>(std::floor((area.top() - top) / row)) - 1, 0, last),
            std::clamp(static_cast<int>(std::ceil((area.bottom() - top) / row)) + 1, 0, last)};
}

TreeCanvas::Span TreeCanvas::visibleInLevel(const std::vector<int> &level, double left, double right) const
{
    const auto first =
        std::partition_point(level.begin(), level.end(), [&](int n) { return place(n).x() < left; });
    const auto end = std::partition_point(first, level.end(), [&](int n) { return place(n).x() <= right; });
    return {static_cast<int>(first - level.begin()), static_cast<int>(end - level.begin()) - 1};
}

CandidateId TreeCanvas::hit(QPointF position) const
{
    if (m_layout.levels.empty())
        return kNoCandidate;
    const double reach = std::max(radius() + 5, 8.0);
    const bool labelled = m_zoom >= kLabelZoom;
    const QRectF around(position - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
    CandidateId nearest = kNoCandidate;
    double nearestDistance = 1e9;
    const Span levels = visibleLevels(around);
    for (int depth = levels.first; depth <= levels.last; ++depth) {
        const auto &level = m_layout.levels[static_cast<size_t>(depth)];
        const Span span = visibleInLevel(level, around.left() - (labelled ? 50 : 0), around.right());
        for (int i = span.first; i <= span.last; ++i) {
            const QPointF delta = position - place(level[static_cast<size_t>(i)]);
            const double right = labelled ? std::max(delta.x() - 50, 0.0) : delta.x();
            const double distance = std::hypot(delta.x() > 0 ? right : delta.x(), delta.y());
            if (distance < reach && distance < nearestDistance) {
                nearestDistance = distance;
                nearest = level[static_cast<size_t>(i)];
            }
        }
    }
    return nearest;
}

void TreeCanvas::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    painter.fillRect(event->rect(), theme()[Role::Panel]);
    if (m_layout.levels.empty())
        return;
    const QRectF area = event->rect();
    painter.setRenderHint(QPainter::Antialiasing, radius() >= kGlyphRadius);
    paintEdges(painter, area);
    if (radius() < kGlyphRadius) {
        paintDots(painter, area);
    } else {
        paintNodes(painter, area);
    }
    const CandidateId current = m_selection->current();
    if (m_model->contains(current) && static_cast<size_t>(current) < m_layout.x.size()) {
        const double around = radius() + 6;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme()[Role::Focus], hasFocus() ? 2.5 : 1.5));
        painter.drawRoundedRect(
            QRectF(positionOf(current) - QPointF(around, around), QSizeF(2 * around, 2 * around)), 5, 5);
    }
    paintMinimap(painter);
}

void TreeCanvas::paintEdges(QPainter &painter, const QRectF &area) const
{
    const bool curved = radius() >= kGlyphRadius;
    const double r = radius();
    std::array<QList<QLineF>, 6> lines; // by kind of step
    const Span levels = visibleLevels(area);
    for (int depth = std::max(levels.first, 1); depth <= levels.last; ++depth) {
        const auto &level = m_layout.levels[static_cast<size_t>(depth)];
        // Parents stand in the order of their children, so the edges that touch the area are a run.
        const auto first = std::partition_point(level.begin(), level.end(),
                                                [&](int n) { return place(n).x() < area.left(); });
        const auto end = std::partition_point(first, level.end(), [&](int n) {
            return place(static_cast<int>(m_model->node(n).parent)).x() <= area.right();
        });
        for (auto it = first; it != end; ++it) {
            const NodeView &node = m_model->node(*it);
            const QPointF to = place(*it);
            const QPointF from = place(static_cast<int>(node.parent));
            if (!curved) {
                lines[static_cast<size_t>(node.kind)].append({from, to});
                continue;
            }
            const QPointF start = from + QPointF(0, r + 3), finish = to - QPointF(0, r + 4);
            const double middle = (start.y() + finish.y()) / 2;
            QPainterPath path(start);
            path.cubicTo({start.x(), middle}, {finish.x(), middle}, finish);
            painter.setOpacity(m_table->isShown(node.id) ? 1.0 : 0.3);
            painter.strokePath(path, edgePen(theme(), node.kind, m_zoom));
        }
    }
    painter.setOpacity(1);
    for (size_t kind = 0; kind < lines.size(); ++kind) {
        if (!lines[kind].isEmpty()) {
            painter.setPen(edgePen(theme(), static_cast<StepKind>(kind), m_zoom));
            painter.drawLines(lines[kind]);
        }
    }
}

void TreeCanvas::paintDots(QPainter &painter, const QRectF &area) const
{
    std::array<QList<QRectF>, kOutcomeCount> dots;
    const double r = radius();
    const Span levels = visibleLevels(area);
    for (int depth = levels.first; depth <= levels.last; ++depth) {
        const auto &level = m_layout.levels[static_cast<size_t>(depth)];
        const Span span = visibleInLevel(level, area.left() - r, area.right() + r);
        for (int i = span.first; i <= span.last; ++i) {
            const int node = level[static_cast<size_t>(i)];
            if (node == 0 || m_table->isShown(node)) {
                dots[static_cast<size_t>(m_model->node(node).outcome)].append(
                    QRectF(place(node) - QPointF(r, r), QSizeF(2 * r, 2 * r)));
            }
        }
    }
    painter.setPen(Qt::NoPen);
    for (size_t outcome = 0; outcome < dots.size(); ++outcome) {
        painter.setBrush(outcomeColor(theme(), static_cast<Outcome>(outcome), 4));
        painter.drawRects(dots[outcome]);
    }
    const CandidateId best = m_model->best();
    if (m_model->contains(best) && static_cast<size_t>(best) < m_layout.x.size())
        drawGlyph(painter, positionOf(best), 6, glyphOf(m_model->node(best), true));
}

void TreeCanvas::paintNodes(QPainter &painter, const QRectF &area) const
{
    const double reach = radius() * 2;
    const double labelRoom = m_zoom >= kRatioZoom ? 70 : 0;
    const Span levels = visibleLevels(area);
    for (int depth = levels.first; depth <= levels.last; ++depth) {
        const auto &level = m_layout.levels[static_cast<size_t>(depth)];
        const Span span = visibleInLevel(level, area.left() - reach - labelRoom, area.right() + reach);
        for (int i = span.first; i <= span.last; ++i)
            paintNode(painter, level[static_cast<size_t>(i)]);
    }
}

void TreeCanvas::paintNode(QPainter &painter, int node) const
{
    const NodeView &shown = m_model->node(node);
    GlyphState glyph = glyphOf(shown, node == m_model->best());
    glyph.ringTurn = m_ringTurn;
    glyph.dimmed = node != 0 && !m_table->isShown(node);
    drawGlyph(painter, place(node), radius(), glyph);
    if (m_zoom >= kRatioZoom)
        paintLabel(painter, shown, place(node), glyph);
}

void TreeCanvas::paintLabel(QPainter &painter, const NodeView &node, QPointF at,
                            const GlyphState &glyph) const
{
    const bool full = m_zoom >= kLabelZoom;
    const double speedup = node.confirmed.measured() ? node.confirmed.value : node.speedup.value;
    if (!full && speedup <= 0)
        return;
    QFont font = this->font();
    font.setPointSizeF(font.pointSizeF() * (full ? 0.88 : 0.78));
    painter.setOpacity(glyph.dimmed ? 0.35 : 1);
    const double line = QFontMetricsF(font).height();
    const double mark = std::max(radius()
                                     * (glyph.best        ? 1.55
                                            : glyph.human ? 1.9
                                                          : 1),
                                 node.id == m_selection->current() ? radius() + 6 : 0);
    const double left = at.x() + mark + (full ? 5 : 3);
    const auto write = [&](double top, Role role, const QString &text) {
        painter.setFont(font);
        painter.setPen(theme()[role]);
        painter.drawText(QRectF(left, top, 90, line), Qt::AlignLeft | Qt::AlignVCenter, text);
    };
    if (full)
        write(speedup > 0 ? at.y() - line : at.y() - line / 2, Role::DimText,
              node.id == 0 ? tr("baseline") : idText(node.id));
    font.setBold(glyph.best);
    if (speedup > 0) // two digits where columns are narrow; the tooltip and the table have three
        write(full ? at.y() - 1 : at.y() - line / 2, Role::Text,
              full || speedup >= 99.5
                  ? ratioText(speedup)
                  : QString::number(speedup, 'f', speedup >= 9.95 ? 0 : 1) + QStringLiteral("×"));
    painter.setOpacity(1);
}

QRectF TreeCanvas::minimapRect() const
{
    const bool needed = horizontalScrollBar()->maximum() > 0 || verticalScrollBar()->maximum() > 0;
    const QSizeF content = contentSize();
    const QSizeF size(kMinimapWidth,
                      std::clamp(kMinimapWidth * content.height() / content.width(), 28.0, 96.0));
    if (!needed || viewport()->width() < 2 * size.width() || viewport()->height() < 2.5 * size.height())
        return {};
    return {QPointF(viewport()->width() - size.width() - 8, viewport()->height() - size.height() - 8), size};
}

void TreeCanvas::paintMinimap(QPainter &painter)
{
    const QRectF box = minimapRect();
    if (box.isEmpty())
        return;
    const QSizeF content = contentSize();
    const double scale = std::min((box.width() - 8) / content.width(), (box.height() - 8) / content.height());
    if (m_minimap.isNull()) {
        m_minimap = QPixmap((box.size() * devicePixelRatioF()).toSize());
        m_minimap.setDevicePixelRatio(devicePixelRatioF());
        m_minimap.fill(theme()[Role::Window]);
        QPainter inner(&m_minimap);
        for (int node = 0; node < m_model->count() && static_cast<size_t>(node) < m_layout.x.size(); ++node) {
            const QPointF at = (place(node) - origin()) * scale;
            inner.fillRect(QRectF(at + QPointF(6, 8), QSizeF(2, 2)),
                           outcomeColor(theme(), m_model->node(node).outcome, 4));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawPixmap(box.topLeft(), m_minimap);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(theme()[Role::Border]);
    painter.drawRect(box);
    const QPointF corner(horizontalScrollBar()->value() * scale, verticalScrollBar()->value() * scale);
    painter.setPen(QPen(theme()[Role::Focus], 1));
    painter.drawRect(QRectF(box.topLeft() + QPointF(4, 4) + corner,
                            QSizeF(std::min(viewport()->width() * scale, box.width() - 8),
                                   std::min(viewport()->height() * scale, box.height() - 8))));
}

void TreeCanvas::panFromMinimap(QPointF place)
{
    personMoved();
    const QRectF box = minimapRect();
    const QSizeF content = contentSize();
    const double scale = std::min((box.width() - 8) / content.width(), (box.height() - 8) / content.height());
    const QPointF wanted = (place - box.topLeft() - QPointF(4, 4)) / scale;
    horizontalScrollBar()->setValue(static_cast<int>(wanted.x() - viewport()->width() / 2.0));
    verticalScrollBar()->setValue(static_cast<int>(wanted.y() - viewport()->height() / 2.0));
}

} // namespace ww::ui
