// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include "widgets/bridge/ViewTypes.h"

namespace ww::ui {

/// The window's own projection of a session: fed with the events that the engine tells, or that a file
/// holds, in order. A plain value: built on any thread, then used on one.
class SessionMirror {
public:
    SessionMirror() = default;

    /// Reads a session file without writing to it.
    [[nodiscard]] static Result<SessionMirror> read(const std::string &path);

    [[nodiscard]] Status apply(const Event &event);
    /// Whether a process works on it, so that a candidate without a verdict is running, not cut off.
    void setLive(bool live) { m_live = live; }

    [[nodiscard]] const Session &session() const { return m_session; }
    [[nodiscard]] NodeView node(CandidateId id) const;
    [[nodiscard]] QList<NodeView> nodes() const;
    [[nodiscard]] CandidateView candidate(CandidateId id) const;
    [[nodiscard]] SummaryView summary(const QString &path) const;

private:
    [[nodiscard]] QList<LineageView> lineage(const Node &node) const;
    /// The fastest confirmed candidate; else the fastest that was not refuted; none where nothing beats the
    /// baseline.
    [[nodiscard]] CandidateId best() const;

    Session m_session;
    std::vector<double> m_seconds; ///< running time at which each candidate was evaluated
    double m_busyMs = 0;
    bool m_live = false;
};

} // namespace ww::ui
