// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ViewTypes.h"

#include <QHash>
#include <QWidget>

class QAction;
class QLabel;
class QScrollArea;
class QStackedWidget;

namespace ww::ui {

class EmptyState;
class PanelHeader;
class StageBars;

/// Everything known of the shown candidate: verdict, stages, timing, correctness, lineage, environment.
class Inspector final : public QWidget {
    Q_OBJECT
public:
    explicit Inspector(QWidget *parent = nullptr);
    void showCandidate(const CandidateView &candidate, bool best);
    void clear();
    /// A stage of a running candidate has begun or ended; remembered until it has a verdict.
    void addStage(CandidateId id, bool confirmation, const StageView &stage);
    /// A result has come: what was remembered of its stages is in the evidence now.
    void endStages(CandidateId id);
    [[nodiscard]] PanelHeader *header() { return m_header; }
    [[nodiscard]] QAction *copyAction() { return m_copy; }
    /// What it shows, as plain text.
    [[nodiscard]] QString plainText() const;

signals:
    void candidateLinked(ww::ui::CandidateId id);

protected:
    void changeEvent(QEvent *event) override;

private:
    void refresh();

    PanelHeader *m_header;
    QStackedWidget *m_pages;
    EmptyState *m_empty;
    QScrollArea *m_scroll;
    QLabel *m_mark;
    QLabel *m_headline;
    QLabel *m_detail;
    QLabel *m_stageTitle;
    StageBars *m_stages;
    QLabel *m_body;
    QAction *m_copy;
    CandidateView m_candidate;
    bool m_best = false;
    QHash<CandidateId, QList<StageView>> m_running;
    QHash<CandidateId, QList<StageView>> m_confirming;
};

} // namespace ww::ui
