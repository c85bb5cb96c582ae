// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/editor/CandidateTitle.h"

#include "widgets/common/Format.h"

#include <QCoreApplication>

namespace ww::ui {

QString candidateTitle(const NodeView &node, const QFontMetrics &metrics, int width)
{
    if (node.id == kNoCandidate)
        return {};
    const auto tr = [](const char *text) { return QCoreApplication::translate("CandidateTitle", text); };
    if (node.id == 0)
        return tr("<b>baseline</b>, the start of the search");
    const QString origin = QStringLiteral("<b>%1</b> · %2 · ").arg(idText(node.id), stepName(node.kind))
        + tr("from <a href=\"%1\">%2</a>").arg(node.parent).arg(idText(node.parent));
    const QString plain = QStringLiteral("%1 · %2 · ").arg(idText(node.id), stepName(node.kind))
        + tr("from %1").arg(idText(node.parent)) + QStringLiteral(" · ");
    const int taken = metrics.horizontalAdvance(plain) * 9 / 8; // part of it is bold
    const QString name = metrics.elidedText(node.title, Qt::ElideRight, width - taken);
    return name.isEmpty() ? origin : origin + QStringLiteral(" · ") + name.toHtmlEscaped();
}

} // namespace ww::ui
