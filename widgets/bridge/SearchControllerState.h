// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/PersonModel.h"

#include "widgets/bridge/BackgroundJobs.h"
#include "widgets/bridge/CompileCheck.h"
#include "widgets/bridge/SearchController.h"
#include "widgets/bridge/SearchRun.h"
#include "widgets/bridge/SessionMirror.h"

#include <QElapsedTimer>
#include <QTimer>

/// What a SearchController is made of. Used by the bridge alone.
namespace ww::ui {

/// A person's version that waits for the session to come to life.
struct Edit {
    CandidateId parent = 0;
    QString source;
    QMap<QString, qint64> parameters;
    QString title;
};

struct SearchController::Private {
    explicit Private(SearchController *owner)
        : q(owner),
          compileCheck(owner, [owner](const CheckView &check) { emit owner->sourceChecked(check); }),
          jobs(owner)
    {
    }

    SearchController *q;
    RunState state = RunState::Empty;
    QString path;
    SessionMirror mirror;
    std::shared_ptr<DevicePool> pool;
    std::string poolDevice;
    std::shared_ptr<Engine> engine;
    std::shared_ptr<PersonModel> person; ///< of a search whose questions a person carries
    QList<OpenQuestionView> questions;
    int era = 0; ///< messages of an earlier session or run are dropped
    QList<Edit> waitingEdits;
    QTimer followTimer;
    std::shared_ptr<Journal> followed;
    QElapsedTimer sinceEvent;
    CompileCheck compileCheck;
    BackgroundJobs jobs; ///< last: waits for its threads before anything else goes

    void setState(RunState next);
    void open(SessionMirror opened, const QString &openedPath, RunState next);
    void prepare(const SearchSettings &settings, const std::string &sessionPath, bool paused);
    void begin(SearchRun run, bool paused);
    void ended(const Status &outcome);
    void sendEdit(const Edit &edit);
    void learn();
    void follow();
    void takeEvents(const std::vector<Event> &events);
    bool take(const Event &event);
    void tellSteps(const Event &event);
    [[nodiscard]] EngineListener listener();
    [[nodiscard]] std::shared_ptr<PersonModel> makePerson();
};

} // namespace ww::ui
