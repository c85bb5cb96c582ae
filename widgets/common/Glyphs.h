// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/common/Theme.h"

#include <QIcon>
#include <QPainterPath>

class QPainter;

/// The marks of outcomes and the icons of actions, drawn in code: sharp at every scale, coloured by the
/// theme.
namespace ww::ui {

/// How a candidate's mark is drawn.
struct GlyphState {
    Outcome outcome = Outcome::Waiting;
    double speedup = 1;
    bool best = false; ///< a star instead of the outcome's shape
    bool confirmed = false; ///< best only: solid ring instead of dashed
    bool human = false; ///< a small pen beside it
    double ringTurn = 0; ///< running: angle of the ring's gap in degrees
    bool dimmed = false; ///< filtered out
};
/// As the node says, `best` when it is the session's best.
[[nodiscard]] GlyphState glyphOf(const NodeView &node, bool best);

/// Shape of an outcome inside the unit circle, for charts: the same as drawGlyph() fills or strokes.
[[nodiscard]] QPainterPath outcomeShape(Outcome outcome);
/// True for shapes that are drawn as an outline (wrong ✕, not faster ○, not evaluated).
[[nodiscard]] bool isOutlined(Outcome outcome);

/// Draws the mark centred at `center`; `radius` of the plain shape in pixels.
void drawGlyph(QPainter &painter, QPointF center, double radius, const GlyphState &state);
/// The mark as an icon of `size` device-independent pixels.
[[nodiscard]] QPixmap glyphPixmap(const GlyphState &state, int size, double devicePixelRatio);

/// Monochrome icons of actions.
enum class Icon {
    Start,
    Pause,
    Step,
    Stop,
    Back,
    Forward,
    Fit,
    Tree,
    Table,
    Open,
    Export,
    Palette,
    Close,
    Copy
};
/// In the theme's text colour, with a disabled variant.
[[nodiscard]] QIcon actionIcon(Icon icon);
/// The program's own icon.
[[nodiscard]] QIcon programIcon();

} // namespace ww::ui
