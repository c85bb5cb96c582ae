// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/ModelCheck.h"

#include "core/model/Keyring.h"
#include "core/model/ModelClient.h"

#include "widgets/bridge/BackgroundJobs.h"
#include "widgets/bridge/Views.h"

#include <stop_token>

namespace ww::ui {

namespace {

constexpr double kTestSeconds = 60;
constexpr int kTestTokens = 64; ///< enough for a word; a model that reasons first may need all of them

ModelTestView problem(const Error &error)
{
    ModelTestView view;
    view.problem = text(error.message());
    return view;
}

ModelTestView askEndpoint(const ModelSettingsView &settings, const std::stop_token &stop)
{
    const Result<Endpoint> endpoint = endpointOf(settings);
    if (!endpoint)
        return problem(endpoint.error());
    const Result<ModelKey> key = keyOf(*endpoint, stop);
    if (!key)
        return problem(key.error());
    ModelClientOptions options;
    options.endpoint = *endpoint;
    options.key = *key;
    options.retries = 0; // a person waits: the first fault is the answer
    options.totalSeconds = kTestSeconds;
    ModelRequest request;
    request.model = settings.model.toStdString();
    request.maxTokens = kTestTokens;
    request.turns = {{ModelTurn::Speaker::User, "Answer with the one word: ready"}};
    const auto reply = ModelClient(options).askAndWait(request, {}, stop);
    if (!reply)
        return problem(errorOf(reply.error()));
    ModelTestView view;
    view.ok = true;
    view.model = reply->model.empty() ? settings.model : text(reply->model);
    view.answer = text(reply->text).simplified();
    view.firstTextSeconds = reply->firstTextSeconds;
    view.seconds = reply->seconds;
    return view;
}

} // namespace

struct ModelCheck::Private {
    explicit Private(ModelCheck *owner) : jobs(owner) { }

    std::stop_source stop;
    int number = 0; ///< of the newest test
    BackgroundJobs jobs; ///< last: waits for its threads before anything else goes
};

ModelCheck::ModelCheck(QObject *parent) : QObject(parent), d(std::make_unique<Private>(this)) { }

ModelCheck::~ModelCheck()
{
    d->stop.request_stop();
}

void ModelCheck::cancel()
{
    d->stop.request_stop();
    ++d->number;
}

void ModelCheck::test(const ModelSettingsView &settings)
{
    cancel();
    d->stop = std::stop_source();
    d->jobs.run([settings, stop = d->stop.get_token()] { return askEndpoint(settings, stop); },
                [this, number = d->number](const ModelTestView &result) {
                    if (number == d->number)
                        emit tested(result);
                });
}

void ModelCheck::keepKey(const QString &name, const QString &secret)
{
    d->jobs.run(
        [name, secret](const std::stop_token &stop) {
            return putIntoKeyring(name.toStdString(), {secret.toStdString()}, stop);
        },
        [this, name](const Status &kept) {
            emit keyKept(name, kept ? QString() : text(kept.error().message()));
        });
}

bool environmentHolds(const QString &variable)
{
    return !variable.isEmpty() && qEnvironmentVariableIsSet(variable.toUtf8().constData());
}

} // namespace ww::ui
