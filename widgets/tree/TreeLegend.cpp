// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/TreeLegend.h"

#include "widgets/common/Glyphs.h"

#include <QPainter>

namespace ww::ui {

namespace {

struct Item {
    enum class Kind { Mark, Edge } kind = Kind::Mark;
    GlyphState mark;
    StepKind step = StepKind::Small;
    QString text;
};

Item mark(Outcome outcome)
{
    Item item;
    item.mark.outcome = outcome;
    item.mark.speedup = 4;
    item.text = outcomeName(outcome);
    return item;
}

Item best(bool confirmed, const QString &text)
{
    Item item;
    item.mark = {Outcome::Faster, 4, true, confirmed};
    item.text = text;
    return item;
}

Item human()
{
    Item item = mark(Outcome::NotFaster);
    item.mark.human = true;
    item.text = QObject::tr("by hand");
    return item;
}

Item edge(StepKind kind)
{
    Item item;
    item.kind = Item::Kind::Edge;
    item.step = kind;
    item.text = stepName(kind);
    return item;
}

QList<Item> items()
{
    return {best(true, QObject::tr("best, confirmed")),
            best(false, QObject::tr("best, unconfirmed")),
            mark(Outcome::Faster),
            mark(Outcome::NotFaster),
            mark(Outcome::Ambiguous),
            mark(Outcome::Wrong),
            mark(Outcome::BuildError),
            mark(Outcome::Crashed),
            mark(Outcome::Fault),
            mark(Outcome::Running),
            mark(Outcome::Waiting),
            human(),
            edge(StepKind::Large),
            edge(StepKind::Small),
            edge(StepKind::Tune)};
}

} // namespace

TreeLegend::TreeLegend(QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Legend of the tree"));
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    setFont(small);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

int TreeLegend::flow(int width, QPainter *painter) const
{
    const QFontMetrics metrics(font());
    const int line = metrics.height() + 6, margin = 8, symbol = 20, gap = 12;
    int x = margin, y = 4;
    for (const Item &item : items()) {
        const int wide = symbol + metrics.horizontalAdvance(item.text);
        if (x > margin && x + wide + margin > width) {
            x = margin;
            y += line;
        }
        if (painter) {
            const QPointF center(x + 8, y + line / 2.0);
            if (item.kind == Item::Kind::Mark) {
                drawGlyph(*painter, center, item.mark.best ? 4.2 : 5, item.mark);
            } else {
                QPen pen(theme()[Role::TreeEdge], item.step == StepKind::Large ? 2.6 : 1.2);
                if (item.step == StepKind::Tune)
                    pen.setStyle(Qt::DotLine);
                painter->setPen(pen);
                painter->drawLine(center - QPointF(7, 0), center + QPointF(7, 0));
            }
            painter->setPen(theme()[Role::DimText]);
            painter->drawText(QRect(x + symbol, y, wide, line), Qt::AlignLeft | Qt::AlignVCenter, item.text);
        }
        x += wide + gap;
    }
    return y + line + 4;
}

int TreeLegend::heightForWidth(int width) const
{
    return flow(width, nullptr);
}

QSize TreeLegend::sizeHint() const
{
    return {400, flow(400, nullptr)};
}

void TreeLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme()[Role::Panel]);
    painter.setPen(theme()[Role::Border]);
    painter.drawLine(0, 0, width(), 0);
    flow(width(), &painter);
}

} // namespace ww::ui
