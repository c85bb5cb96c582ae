// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/CandidateModel.h"

#include <QItemSelectionModel>

namespace ww::ui {

class CandidateTable;

/// The one selection of the window: which candidate is shown, everywhere. The tree uses its
/// QItemSelectionModel as it is, the table through selectionFor(). Keeps the history that Back and
/// Forward walk.
class Selection final : public QObject {
    Q_OBJECT
public:
    explicit Selection(CandidateModel *model, QObject *parent = nullptr);

    [[nodiscard]] CandidateId current() const;
    void select(CandidateId id);
    /// As select(), without a place in the history: the window's own choice, not a person's.
    void show(CandidateId id);
    void back();
    void forward();
    [[nodiscard]] bool canGoBack() const { return m_place > 0; }
    [[nodiscard]] bool canGoForward() const { return m_place + 1 < m_history.size(); }

    [[nodiscard]] QItemSelectionModel *itemSelection() { return &m_selection; }
    /// A selection model of the table that stays equal to this selection.
    [[nodiscard]] QItemSelectionModel *selectionFor(CandidateTable *table);

signals:
    void changed(CandidateId id);
    void historyChanged();

private:
    void remember(CandidateId id);

    CandidateModel *m_model;
    QItemSelectionModel m_selection;
    QList<CandidateId> m_history;
    qsizetype m_place = -1;
    bool m_walking = false;
};

} // namespace ww::ui
