// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/PersonModel.h"
#include "core/search/Engine.h"

#include "widgets/bridge/SessionMirror.h"

#include <memory>
#include <stop_token>
#include <string>

namespace ww::ui {

/// Evaluator and engine, ready to start: what preparing a search gives.
struct SearchRun {
    std::shared_ptr<DevicePool> pool;
    std::shared_ptr<Engine> engine;
    SessionMirror mirror; ///< the session before the engine's first event
    std::string path;
};

/// What preparing needs, by value, so that it can happen on another thread.
struct SearchRequest {
    SearchSettings settings;
    std::string sessionPath; ///< to continue; empty for a new session
    std::shared_ptr<DevicePool> pool; ///< a warm one for the same device, or none
    std::shared_ptr<PersonModel> person; ///< who carries questions, where the proposer is "human"
    EngineListener listener;
};

/// Starts the worker, opens or creates the session file, and makes the engine; takes seconds. Cancelled after
/// a stop request.
[[nodiscard]] Result<SearchRun> prepareSearch(const SearchRequest &request, const std::stop_token &stop);

/// A path for a new session of the task: sessions/<task>-<yyyymmdd-hhmmss>.wwsession, not yet taken.
[[nodiscard]] Result<std::string> newSessionPath(const std::string &taskName);

/// The task of that name among the shipped ones, or in that directory, with its kernels in that language.
[[nodiscard]] Result<Task> findTask(const std::string &nameOrDirectory, const std::string &language);

} // namespace ww::ui
