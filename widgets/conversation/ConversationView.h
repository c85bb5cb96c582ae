// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

#include <QTextBrowser>

namespace ww::ui {

/// What a model was asked for a candidate, and what it answered.
class ConversationView final : public QTextBrowser {
    Q_OBJECT
public:
    explicit ConversationView(QWidget *parent = nullptr);
    /// Shows these calls; a hint where there are none. Keeps the place of reading when they only grew.
    void showCalls(const QList<ModelCallView> &calls);

protected:
    void changeEvent(QEvent *event) override;
    QMimeData *createMimeDataFromSelection() const override;

private:
    void refresh();

    QList<ModelCallView> m_calls;
};

} // namespace ww::ui
