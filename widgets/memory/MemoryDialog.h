// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/MemoryViews.h"

#include <QDialog>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;
class QTableWidget;

namespace ww::ui {

class Banner;
class MemoryStore;
class RuleModel;

/// What was learned: rules to read, edit, pin, disable and delete; techniques with their gains; and whether
/// memory helps.
class MemoryDialog final : public QDialog {
    Q_OBJECT
public:
    explicit MemoryDialog(QWidget *parent = nullptr);

private:
    QWidget *buildRules();
    QWidget *buildTechniques();
    void showMemory(const MemoryView &memory);
    void showRule();
    [[nodiscard]] const RuleView *current() const;
    void askForImport();
    void askForExport();

    MemoryStore *m_store;
    RuleModel *m_model;
    QSortFilterProxyModel *m_shown;
    Banner *m_banner;
    QLabel *m_effect;
    QLineEdit *m_filter;
    QStackedWidget *m_pages;
    QTableView *m_table;
    QPlainTextEdit *m_sentence;
    QLabel *m_evidence;
    QPushButton *m_save;
    QPushButton *m_pin;
    QPushButton *m_disable;
    QPushButton *m_delete;
    QLineEdit *m_own;
    QComboBox *m_language;
    QTableWidget *m_techniques;
};

/// "with memory 62 % of 120 prompts passed, without 51 % of 30: +11 percentage points [−7, 28]".
[[nodiscard]] QString effectText(const MemoryEffectView &effect);

} // namespace ww::ui
