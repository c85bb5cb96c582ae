// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;

namespace ww::ui {

/// What a panel shows while it has nothing: what to do next, with the button for it.
class EmptyState final : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(const QString &title, const QString &hint, QWidget *parent = nullptr);
    void setHint(const QString &title, const QString &hint);
    /// Offers `action` as a button; its text and enabled state are followed.
    void offer(QAction *action);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_title;
    QLabel *m_hint;
    QPushButton *m_button;
};

} // namespace ww::ui
