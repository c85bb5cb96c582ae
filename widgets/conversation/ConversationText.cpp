// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/conversation/ConversationText.h"

#include "widgets/common/Format.h"
#include "widgets/common/Theme.h"

#include <QObject>

#include <utility>

namespace ww::ui {

namespace {

/// A passage with the words that stand above it.
struct Passage {
    QString title;
    QString text;
};

QString callTitle(const ModelCallView &call)
{
    const QString kind = call.kind.isEmpty() ? QString() : QObject::tr(" · %1 step").arg(call.kind);
    return call.turn > 1 ? QObject::tr("Step %1%2 · asked to repair its answer").arg(call.step).arg(kind)
                         : QObject::tr("Step %1%2").arg(call.step).arg(kind);
}

QList<Passage> passages(const ModelCallView &call)
{
    QList<Passage> all;
    if (!call.system.isEmpty())
        all.append({QObject::tr("Before every question"), call.system});
    for (const TurnView &turn : call.turns)
        all.append({turn.byModel ? QObject::tr("Its earlier answer") : QObject::tr("Question"), turn.text});
    if (!call.reasoning.isEmpty())
        all.append({QObject::tr("What it thought"), call.reasoning});
    if (!call.reply.isEmpty())
        all.append({QObject::tr("Answer"), call.reply});
    return all;
}

} // namespace

QString countText(qint64 count)
{
    if (count < 1000)
        return QString::number(count);
    return count < 1'000'000 ? QObject::tr("%1 k").arg(threeDigits(static_cast<double>(count) / 1e3))
                             : QObject::tr("%1 M").arg(threeDigits(static_cast<double>(count) / 1e6));
}

QString moneyText(double dollars)
{
    if (dollars < 0)
        return QObject::tr("price unknown");
    return QStringLiteral("$%1").arg(dollars, 0, 'f', dollars < 0.1 ? 4 : 2);
}

QString callLine(const ModelCallView &call)
{
    QStringList parts {call.model.isEmpty() ? QObject::tr("unnamed model") : call.model};
    if (!call.endpoint.isEmpty())
        parts << call.endpoint;
    if (!call.answered) {
        parts << QObject::tr("no answer yet");
        return parts.join(QStringLiteral(" · "));
    }
    if (call.input + call.output > 0) {
        QString in = QObject::tr("%1 tokens in").arg(countText(call.input));
        if (call.cachedInput > 0)
            in += QObject::tr(" (%1 cached)").arg(countText(call.cachedInput));
        parts << in + QObject::tr(", %1 out").arg(countText(call.output)) << moneyText(call.money);
    }
    parts << timeText(call.seconds * 1e6);
    if (call.firstTextSeconds > 0)
        parts.last() += QObject::tr(", first text after %1").arg(timeText(call.firstTextSeconds * 1e6));
    if (call.attempts > 1)
        parts << QObject::tr("%1 attempts").arg(call.attempts);
    if (!call.stop.isEmpty())
        parts << QObject::tr("ended: %1").arg(call.stop);
    return parts.join(QStringLiteral(" · "));
}

QString conversationHtml(const QList<ModelCallView> &calls)
{
    const QString dim = theme()[Role::DimText].name();
    const QString wrong = theme()[Role::OutcomeBuildError].name();
    QString html;
    for (const ModelCallView &call : calls) {
        html +=
            QStringLiteral("<p style='margin:12px 0 0 0'><b>%1</b><br><span style='color:%2'>%3</span></p>")
                .arg(callTitle(call).toHtmlEscaped(), dim, callLine(call).toHtmlEscaped());
        if (!call.fault.isEmpty())
            html += QStringLiteral("<p style='margin:4px 0; color:%1'>%2</p>")
                        .arg(wrong, call.fault.toHtmlEscaped());
        for (const Passage &passage : passages(call))
            html += QStringLiteral("<p style='margin:10px 0 2px 0; color:%1'>%2</p>"
                                   "<pre style='white-space:pre-wrap; margin:0'>%3</pre>")
                        .arg(dim, passage.title.toHtmlEscaped(), passage.text.toHtmlEscaped());
    }
    return html;
}

QString conversationPlainText(const QList<ModelCallView> &calls)
{
    QStringList lines;
    for (const ModelCallView &call : calls) {
        lines << callTitle(call) << callLine(call);
        if (!call.fault.isEmpty())
            lines << call.fault;
        for (const Passage &passage : passages(call))
            lines << QString() << QStringLiteral("## ") + passage.title << passage.text;
        lines << QString();
    }
    return lines.join(QLatin1Char('\n'));
}

QString spendingLine(const SpendingView &spending)
{
    if (spending.calls == 0)
        return {};
    QString tokens = QObject::tr("%1 tokens in").arg(countText(spending.input));
    if (spending.cachedInput > 0 && spending.input > 0)
        tokens += QObject::tr(" (%1 cached)")
                      .arg(percentText(static_cast<double>(spending.cachedInput)
                                       / static_cast<double>(spending.input)));
    tokens += QObject::tr(", %1 out").arg(countText(spending.output));
    QStringList parts {counted(spending.calls, QObject::tr("call"), QObject::tr("calls")), tokens};
    QString money = spending.unpriced == spending.calls ? moneyText(-1) : moneyText(spending.money);
    if (spending.unpriced > 0 && spending.unpriced < spending.calls)
        money += QObject::tr(" and %1 without a known price").arg(spending.unpriced);
    if (spending.forecast >= 0)
        money += QObject::tr(", about %1 at the end").arg(moneyText(spending.forecast));
    parts << money;
    return parts.join(QStringLiteral(" · "));
}

QString spendingShort(const SpendingView &spending)
{
    const QString tokens = QObject::tr("%1 tokens").arg(countText(spending.input + spending.output));
    return spending.unpriced == spending.calls ? tokens
                                               : tokens + QStringLiteral(", ") + moneyText(spending.money);
}

} // namespace ww::ui
