// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/TreeCanvas.h"

#include "widgets/common/Format.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace ww::ui {

namespace {
constexpr double kColumn = 84, kRow = 62; // pixels at zoom 1
constexpr double kMargin = 28; // around the tree at every zoom
constexpr double kLabelRoom = 62; // beside a mark, for "#999" and "24.6×"
constexpr double kMinZoom = 0.02, kMaxZoom = 2.5;
constexpr double kReadableZoom = 0.55; // following does not go below
constexpr int kRingInterval = 80; // ms
} // namespace

TreeCanvas::TreeCanvas(CandidateModel *model, CandidateTable *table, Selection *selection, QWidget *parent)
    : QAbstractScrollArea(parent), m_model(model), m_table(table), m_selection(selection)
{
    setObjectName(QStringLiteral("treeCanvas"));
    setAccessibleName(tr("Candidate tree"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        m_following = true;
        m_running.clear();
        emit followingChanged(true);
        relayout();
    });
    connect(model, &QAbstractItemModel::rowsInserted, this, &TreeCanvas::relayoutSoon);
    connect(model, &QAbstractItemModel::dataChanged, this, &TreeCanvas::dataTouched);
    connect(table, &QAbstractItemModel::modelReset, viewport(), qOverload<>(&QWidget::update));
    connect(selection, &Selection::changed, this, [this](CandidateId id) {
        ensureVisible(id);
        viewport()->update();
        QAccessibleValueChangeEvent event(this, spokenText());
        QAccessible::updateAccessibility(&event);
    });
    relayout();
}

void TreeCanvas::relayoutSoon()
{
    if (!m_layoutTimer.isActive())
        m_layoutTimer.start(16, this);
}

void TreeCanvas::relayout()
{
    m_layoutTimer.stop();
    const CandidateId anchor = m_selection->current();
    const bool anchored =
        !m_following && m_model->contains(anchor) && static_cast<size_t>(anchor) < m_layout.x.size();
    const QPointF before = anchored ? positionOf(anchor) : QPointF();

    std::vector<int> parents;
    parents.reserve(static_cast<size_t>(m_model->count()));
    m_running.clear();
    for (CandidateId id = 0; id < m_model->count(); ++id) {
        parents.push_back(static_cast<int>(m_model->node(id).parent));
        if (m_model->node(id).outcome == Outcome::Running)
            m_running.append(id);
    }
    m_layout = layoutTree(parents);
    m_minimap = {};
    updateScrollRange();
    if (m_following) {
        fitAll();
        if (m_zoom <= kReadableZoom && m_model->count() > 0)
            ensureVisible(m_model->count() - 1);
    } else if (anchored) {
        const QPointF moved = positionOf(anchor) - before;
        horizontalScrollBar()->setValue(horizontalScrollBar()->value()
                                        + static_cast<int>(std::lround(moved.x())));
        verticalScrollBar()->setValue(verticalScrollBar()->value()
                                      + static_cast<int>(std::lround(moved.y())));
    }
    if (m_motion && !m_running.isEmpty() && !m_ringTimer.isActive())
        m_ringTimer.start(kRingInterval, this);
    viewport()->update();
}

void TreeCanvas::dataTouched(const QModelIndex &topLeft)
{
    const CandidateId id = CandidateModel::idOf(topLeft);
    if (m_model->node(id).outcome == Outcome::Running) {
        if (!m_running.contains(id))
            m_running.append(id);
        if (m_motion && !m_ringTimer.isActive())
            m_ringTimer.start(kRingInterval, this);
    } else {
        m_running.removeAll(id);
    }
    m_minimap = {};
    viewport()->update();
}

QSizeF TreeCanvas::contentSize() const
{
    const double rows = m_layout.levels.empty() ? 0 : static_cast<double>(m_layout.levels.size() - 1);
    return {m_layout.width * kColumn * m_zoom + kLabelRoom + 2 * kMargin, rows * rowHeight() + 2 * kMargin};
}

double TreeCanvas::rowHeight() const
{
    // A wide tree zoomed out would be a thin line: rows keep what height there is.
    const double rows = std::max(1.0, static_cast<double>(m_layout.levels.size()) - 1);
    const double room = (viewport()->height() - 2 * kMargin) / rows;
    return std::max(kRow * m_zoom, std::min(kRow * kReadableZoom, room));
}

void TreeCanvas::updateScrollRange()
{
    const QSizeF content = contentSize();
    const QSize view = viewport()->size();
    horizontalScrollBar()->setRange(0,
                                    std::max(0, static_cast<int>(std::ceil(content.width())) - view.width()));
    verticalScrollBar()->setRange(0,
                                  std::max(0, static_cast<int>(std::ceil(content.height())) - view.height()));
    horizontalScrollBar()->setPageStep(view.width());
    verticalScrollBar()->setPageStep(view.height());
    horizontalScrollBar()->setSingleStep(24);
    verticalScrollBar()->setSingleStep(24);
}

QPointF TreeCanvas::origin() const
{
    const QSizeF content = contentSize();
    const double spareX = viewport()->width() - content.width();
    const double x = spareX > 0 ? std::min(spareX / 2, 160.0) : -horizontalScrollBar()->value();
    return {x + kMargin, kMargin - verticalScrollBar()->value()};
}

QPointF TreeCanvas::place(int node) const
{
    const auto i = static_cast<size_t>(node);
    return origin() + QPointF(m_layout.x[i] * kColumn * m_zoom, m_layout.depth[i] * rowHeight());
}

QPointF TreeCanvas::positionOf(CandidateId id) const
{
    return id >= 0 && static_cast<size_t>(id) < m_layout.x.size() ? place(static_cast<int>(id)) : QPointF();
}

double TreeCanvas::radius() const
{
    return std::clamp(9 * m_zoom, 1.2, 14.0);
}

double TreeCanvas::fitZoom() const
{
    if (m_layout.levels.empty())
        return 1;
    const double rows = std::max(1.0, static_cast<double>(m_layout.levels.size()) - 1);
    const double x =
        (viewport()->width() - kLabelRoom - 2 * kMargin) / (std::max(m_layout.width, 1.0) * kColumn);
    const double y = (viewport()->height() - 2 * kMargin) / (rows * kRow);
    return std::clamp(std::min(x, y), kMinZoom, 1.0);
}

void TreeCanvas::fitAll()
{
    const double wanted = m_following ? std::max(fitZoom(), kReadableZoom) : fitZoom();
    setZoom(wanted, QPointF(0, 0));
}

void TreeCanvas::setZoom(double zoom, QPointF anchor)
{
    const double next = std::clamp(zoom, kMinZoom, kMaxZoom);
    if (qFuzzyCompare(next, m_zoom)) {
        viewport()->update();
        return;
    }
    const QPointF kept = (anchor - origin()) / m_zoom;
    m_zoom = next;
    updateScrollRange();
    const QPointF moved = origin() + kept * m_zoom - anchor;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value()
                                    + static_cast<int>(std::lround(moved.x())));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + static_cast<int>(std::lround(moved.y())));
    viewport()->update();
}

void TreeCanvas::zoomBy(double factor)
{
    personMoved();
    const QPointF selected = positionOf(m_selection->current());
    const QPointF middle(viewport()->width() / 2.0, viewport()->height() / 2.0);
    setZoom(m_zoom * factor, QRectF(viewport()->rect()).contains(selected) ? selected : middle);
}

void TreeCanvas::resetZoom()
{
    personMoved();
    setZoom(1, QPointF(viewport()->width() / 2.0, viewport()->height() / 2.0));
    ensureVisible(m_selection->current());
}

void TreeCanvas::ensureVisible(CandidateId id)
{
    if (id < 0 || static_cast<size_t>(id) >= m_layout.x.size())
        return;
    const QPointF at = positionOf(id);
    const double left = at.x() - kMargin, right = at.x() + kLabelRoom + 12 - viewport()->width();
    const double top = at.y() - kMargin, bottom = at.y() + kMargin - viewport()->height();
    const auto shift = [](QScrollBar *bar, double low, double high) {
        const double by = low < 0 ? low : std::max(high, 0.0);
        bar->setValue(bar->value() + static_cast<int>(std::lround(by)));
    };
    shift(horizontalScrollBar(), left, right);
    shift(verticalScrollBar(), top, bottom);
}

void TreeCanvas::setFollowing(bool following)
{
    if (following == m_following)
        return;
    m_following = following;
    emit followingChanged(following);
    if (following)
        relayout();
}

void TreeCanvas::setMotion(bool motion)
{
    m_motion = motion;
    if (!motion) {
        m_ringTimer.stop();
    } else {
        relayout();
    }
}

void TreeCanvas::personMoved()
{
    setFollowing(false);
}

QString TreeCanvas::spokenText() const
{
    QString text = counted(std::max(0, m_model->count() - 1), tr("candidate"), tr("candidates"));
    const CandidateId current = m_selection->current();
    if (m_model->contains(current)) {
        text += tr("; selected %1").arg(describe(m_model->node(current)));
        if (current > 0)
            text += tr(", made from %1").arg(idText(m_model->node(current).parent));
    }
    if (m_model->contains(m_model->best()))
        text += tr("; best %1").arg(describe(m_model->node(m_model->best())));
    return text;
}

void TreeCanvas::selectParent()
{
    const CandidateId current = m_selection->current();
    m_selection->select(current > 0 ? m_model->node(current).parent : 0);
}

void TreeCanvas::selectFirstChild()
{
    const CandidateId current = m_selection->current();
    if (m_model->contains(current) && !m_model->children(current).isEmpty()) {
        m_selection->select(m_model->children(current).first());
    } else if (current == kNoCandidate) {
        m_selection->select(0);
    }
}

void TreeCanvas::selectSibling(int by)
{
    const CandidateId current = m_selection->current();
    if (!m_model->contains(current))
        return;
    const CandidateId sibling = m_model->sibling(current, by);
    if (sibling != kNoCandidate) {
        m_selection->select(sibling);
        return;
    }
    // Past the last sibling: the neighbour on the same level, so that a whole row can be walked.
    const auto &level = m_layout.levels[static_cast<size_t>(m_layout.depth[static_cast<size_t>(current)])];
    const auto at = std::find(level.begin(), level.end(), static_cast<int>(current)) - level.begin() + by;
    if (at >= 0 && at < static_cast<std::ptrdiff_t>(level.size()))
        m_selection->select(level[static_cast<size_t>(at)]);
}

void TreeCanvas::keyPressEvent(QKeyEvent *event)
{
    const CandidateId before = m_selection->current();
    switch (event->key()) {
    case Qt::Key_Up: selectParent(); break;
    case Qt::Key_Down: selectFirstChild(); break;
    case Qt::Key_Left: selectSibling(-1); break;
    case Qt::Key_Right: selectSibling(1); break;
    case Qt::Key_Home: m_selection->select(0); break;
    case Qt::Key_End: m_selection->select(m_model->count() - 1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter: emit activated(before); break;
    default: QAbstractScrollArea::keyPressEvent(event); return;
    }
    if (m_selection->current() != before)
        personMoved();
    event->accept();
}

void TreeCanvas::mousePressEvent(QMouseEvent *event)
{
    m_pressed = event->position();
    m_pressedScroll = {horizontalScrollBar()->value(), verticalScrollBar()->value()};
    if (event->button() == Qt::LeftButton && minimapRect().contains(m_pressed)) {
        m_drag = Drag::Minimap;
        panFromMinimap(m_pressed);
    } else if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton) {
        m_drag = Drag::Press;
    }
}

void TreeCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (m_drag == Drag::None) {
        viewport()->setCursor(hit(event->position()) != kNoCandidate ? Qt::PointingHandCursor
                                                                     : Qt::ArrowCursor);
        return;
    }
    if (m_drag == Drag::Minimap) {
        panFromMinimap(event->position());
        return;
    }
    const QPointF moved = event->position() - m_pressed;
    if (m_drag == Drag::Press && moved.manhattanLength() > 6) {
        m_drag = Drag::Pan;
        personMoved();
        viewport()->setCursor(Qt::ClosedHandCursor);
    }
    if (m_drag == Drag::Pan) {
        horizontalScrollBar()->setValue(m_pressedScroll.x() - static_cast<int>(moved.x()));
        verticalScrollBar()->setValue(m_pressedScroll.y() - static_cast<int>(moved.y()));
    }
}

void TreeCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_drag == Drag::Press && event->button() == Qt::LeftButton) {
        const CandidateId id = hit(event->position());
        if (id != kNoCandidate) {
            personMoved();
            m_selection->select(id);
        }
    }
    m_drag = Drag::None;
    viewport()->setCursor(Qt::ArrowCursor);
}

void TreeCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    const CandidateId id = hit(event->position());
    if (id != kNoCandidate)
        emit activated(id);
}

void TreeCanvas::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers() & Qt::ControlModifier) {
        personMoved();
        setZoom(m_zoom * std::pow(1.2, event->angleDelta().y() / 120.0), event->position());
        event->accept();
        return;
    }
    personMoved();
    QAbstractScrollArea::wheelEvent(event);
}

bool TreeCanvas::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const CandidateId id = hit(help->pos());
        if (id == kNoCandidate) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), describe(m_model->node(id)), viewport());
        }
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TreeCanvas::resizeEvent(QResizeEvent *)
{
    updateScrollRange();
    if (m_following)
        fitAll();
}

void TreeCanvas::scrollContentsBy(int, int)
{
    viewport()->update();
}

void TreeCanvas::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        m_minimap = {};
        viewport()->update();
    }
    QAbstractScrollArea::changeEvent(event);
}

void TreeCanvas::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TreeCanvas::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TreeCanvas::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_layoutTimer.timerId()) {
        relayout();
        return;
    }
    if (event->timerId() != m_ringTimer.timerId()) {
        QAbstractScrollArea::timerEvent(event);
        return;
    }
    m_ringTurn = std::fmod(m_ringTurn + 24, 360);
    if (m_running.isEmpty())
        m_ringTimer.stop();
    const int around = static_cast<int>(radius()) + 4;
    for (const CandidateId id : m_running) {
        const QPoint at = positionOf(id).toPoint();
        viewport()->update(QRect(at.x() - around, at.y() - around, 2 * around, 2 * around));
    }
}

} // namespace ww::ui
