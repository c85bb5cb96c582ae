// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/ModelCalls.h"

#include "widgets/bridge/Views.h"

#include <QObject>

namespace ww::ui {

ModelCallView callView(const ModelCall &call)
{
    ModelCallView view;
    const ModelAsked &asked = *call.asked;
    view.step = asked.key.step;
    view.turn = asked.key.turn;
    view.kind = asked.key.kind == MoveKind::Small ? QObject::tr("small") : QObject::tr("large");
    view.endpoint = text(asked.endpoint);
    view.model = text(asked.request.model);
    view.system = text(asked.request.system);
    for (const ModelTurn &turn : asked.request.turns)
        view.turns.append({turn.speaker == ModelTurn::Speaker::Model, text(turn.text)});
    if (!call.answered)
        return view;
    const ModelReply &reply = call.answered->reply;
    view.answered = true;
    if (!reply.model.empty())
        view.model = text(reply.model);
    view.reply = text(reply.text);
    view.reasoning = text(reply.reasoning);
    view.stop = text(reply.stop);
    if (call.answered->fault)
        view.fault = text(call.answered->fault->message);
    view.input = reply.usage.input;
    view.cachedInput = reply.usage.cachedInput;
    view.output = reply.usage.output;
    view.money = call.answered->money.value_or(-1);
    view.firstTextSeconds = reply.firstTextSeconds;
    view.seconds = reply.seconds;
    view.attempts = reply.attempts;
    return view;
}

QList<ModelCallView> callViews(const Session &session, CandidateId id)
{
    QList<ModelCallView> views;
    for (const ModelCall &call : session.callsOf(id))
        views.append(callView(call));
    return views;
}

SpendingView spendingView(const Session &session)
{
    const ModelSpending &spent = session.spent;
    SpendingView view;
    view.calls = spent.calls;
    view.unpriced = spent.unpriced;
    view.input = spent.usage.input;
    view.cachedInput = spent.usage.cachedInput;
    view.output = spent.usage.output;
    view.money = spent.money;
    if (session.stepsDone < session.config.steps)
        view.forecast = moneyForecast(session).value_or(-1);
    return view;
}

ModelSettingsView modelSettingsView(const ModelSettings &settings)
{
    ModelSettingsView view;
    view.url = text(settings.endpoint.url);
    view.wire = text(toString(settings.endpoint.wire));
    view.model = text(settings.model);
    view.keyVariable = text(settings.endpoint.keyVariable);
    view.allowPlainHttp = settings.endpoint.allowPlainHttp;
    view.maxTokens = settings.maxTokens;
    view.parallel = settings.parallel;
    view.temperature = settings.temperature.value_or(-1);
    view.structured = settings.structured;
    return view;
}

Result<ModelSettings> modelSettingsOf(const ModelSettingsView &view)
{
    ModelSettings settings;
    WW_TRY(settings.endpoint, endpointOf(view));
    settings.model = view.model.trimmed().toStdString();
    settings.maxTokens = view.maxTokens;
    settings.parallel = view.parallel;
    if (view.temperature >= 0)
        settings.temperature = view.temperature;
    settings.structured = view.structured;
    return settings;
}

} // namespace ww::ui
