// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/Selection.h"

#include <QWidget>

class QAction;
class QLineEdit;
class QStackedWidget;
class QTableView;
class QTabBar;
class QToolButton;

namespace ww::ui {

class CandidateTable;
class EmptyState;
class PanelHeader;
class TreeCanvas;
class TreeLegend;

/// The candidates: tree or table on one model and one selection, with a filter, and a chip that counts
/// what has come since one last looked at the newest.
class CandidatePanel final : public QWidget {
    Q_OBJECT
public:
    CandidatePanel(CandidateModel *model, Selection *selection, QWidget *parent = nullptr);

    [[nodiscard]] PanelHeader *header() { return m_header; }
    [[nodiscard]] TreeCanvas *canvas() { return m_canvas; }
    [[nodiscard]] QTableView *tableView() { return m_tableView; }
    [[nodiscard]] EmptyState *emptyState() { return m_empty; }
    [[nodiscard]] TreeLegend *legend() { return m_legend; }
    void showTree();
    void showTable();
    [[nodiscard]] bool isTable() const;
    void focusFilter();

signals:
    void activated(ww::ui::CandidateId id);
    void viewChanged(bool table);

private:
    void buildTable();
    void setNewCount(int count);
    void catchUp();
    void updateShown();

    CandidateModel *m_model;
    Selection *m_selection;
    CandidateTable *m_table;
    PanelHeader *m_header;
    QTabBar *m_tabs;
    QLineEdit *m_filter;
    QToolButton *m_chip;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QWidget *m_treePage;
    TreeCanvas *m_canvas;
    TreeLegend *m_legend;
    QTableView *m_tableView;
    int m_newCount = 0;
};

} // namespace ww::ui
