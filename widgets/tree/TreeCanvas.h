// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/Glyphs.h"
#include "widgets/models/CandidateTable.h"
#include "widgets/models/Selection.h"
#include "widgets/tree/TidyTreeLayout.h"

#include <QAbstractScrollArea>
#include <QBasicTimer>
#include <QPixmap>

namespace ww::ui {

/// The candidates as a drawn tree: pan by dragging, zoom with Ctrl and wheel, walk with the keyboard.
/// While following it keeps the growing tree in view; a person's pan, zoom or choice ends that, and from
/// then on nothing moves by itself.
class TreeCanvas final : public QAbstractScrollArea {
    Q_OBJECT
public:
    /// `table` says which candidates pass the filter; the others are drawn faintly.
    TreeCanvas(CandidateModel *model, CandidateTable *table, Selection *selection, QWidget *parent = nullptr);

    void fitAll();
    void zoomBy(double factor);
    void resetZoom();
    void ensureVisible(CandidateId id);
    void setFollowing(bool following);
    [[nodiscard]] bool isFollowing() const { return m_following; }
    /// Without it the ring of a running candidate stands still.
    void setMotion(bool motion);
    [[nodiscard]] double zoom() const { return m_zoom; }
    /// Centre of a candidate's mark in viewport coordinates.
    [[nodiscard]] QPointF positionOf(CandidateId id) const;
    /// Text for screen readers: how many, what is selected, what is best.
    [[nodiscard]] QString spokenText() const;
    QSize sizeHint() const override { return {420, 320}; }

public slots:
    void selectParent();
    void selectFirstChild();
    void selectSibling(int by);

signals:
    void followingChanged(bool following);
    void activated(ww::ui::CandidateId id); ///< Enter or double click

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void changeEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void timerEvent(QTimerEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    struct Span {
        int first = 0, last = -1;
    };
    void relayoutSoon();
    void relayout();
    void updateScrollRange();
    void setZoom(double zoom, QPointF anchor);
    void personMoved();
    void dataTouched(const QModelIndex &topLeft);
    void paintEdges(QPainter &painter, const QRectF &area) const;
    void paintDots(QPainter &painter, const QRectF &area) const;
    void paintNodes(QPainter &painter, const QRectF &area) const;
    void paintNode(QPainter &painter, int node) const;
    void paintLabel(QPainter &painter, const NodeView &node, QPointF at, const GlyphState &glyph) const;
    void paintMinimap(QPainter &painter);
    [[nodiscard]] QRectF minimapRect() const;
    void panFromMinimap(QPointF place);
    [[nodiscard]] QPointF origin() const;
    [[nodiscard]] QPointF place(int node) const;
    [[nodiscard]] double radius() const;
    [[nodiscard]] QSizeF contentSize() const;
    [[nodiscard]] double fitZoom() const;
    [[nodiscard]] double rowHeight() const;
    [[nodiscard]] Span visibleLevels(const QRectF &area) const;
    [[nodiscard]] Span visibleInLevel(const std::vector<int> &level, double left, double right) const;
    [[nodiscard]] CandidateId hit(QPointF position) const;

    CandidateModel *m_model;
    CandidateTable *m_table;
    Selection *m_selection;
    TreeLayout m_layout;
    QBasicTimer m_layoutTimer, m_ringTimer;
    QList<CandidateId> m_running;
    QPixmap m_minimap;
    double m_zoom = 1;
    double m_ringTurn = 0;
    QPointF m_pressed;
    QPoint m_pressedScroll;
    enum class Drag { None, Press, Pan, Minimap } m_drag = Drag::None;
    bool m_following = true;
    bool m_motion = true;
};

} // namespace ww::ui
