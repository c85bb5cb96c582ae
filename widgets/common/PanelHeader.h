// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHBoxLayout>
#include <QWidget>

namespace ww::ui {

/// The one line above a panel: a title or tabs at the left, controls at the right. Serves as a dock's
/// title bar, so that a panel has a single header.
class PanelHeader final : public QWidget {
    Q_OBJECT
public:
    explicit PanelHeader(const QString &title = {}, QWidget *parent = nullptr);
    /// Adds at the right end.
    void add(QWidget *widget, int stretch = 0);
    void addStretch();
    QSize minimumSizeHint() const override;

private:
    QHBoxLayout *m_layout;
};

} // namespace ww::ui
