// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include "widgets/bridge/ModelViews.h"

/// Asking models, between core values and what the window shows. Used by the bridge alone.
namespace ww::ui {

[[nodiscard]] ModelCallView callView(const ModelCall &call);
/// Questions and answers of the step that made a candidate.
[[nodiscard]] QList<ModelCallView> callViews(const Session &session, CandidateId id);
/// What the session's questions cost, with a forecast while steps are left.
[[nodiscard]] SpendingView spendingView(const Session &session);
[[nodiscard]] ModelSettingsView modelSettingsView(const ModelSettings &settings);
/// Refuses settings that no endpoint can be asked with.
[[nodiscard]] Result<ModelSettings> modelSettingsOf(const ModelSettingsView &view);

} // namespace ww::ui
