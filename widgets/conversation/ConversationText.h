// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/bridge/ModelViews.h"

namespace ww::ui {

/// "1.23 k", "456": tokens and characters, three significant digits.
[[nodiscard]] QString countText(qint64 count);
/// "$0.0123", "$1.20"; "price unknown" below 0.
[[nodiscard]] QString moneyText(double dollars);
/// One line about a call: model, tokens, money, seconds, why it ended.
[[nodiscard]] QString callLine(const ModelCallView &call);
/// Questions and answers as HTML; a model's text is never interpreted.
[[nodiscard]] QString conversationHtml(const QList<ModelCallView> &calls);
/// The same as plain text, for the clipboard.
[[nodiscard]] QString conversationPlainText(const QList<ModelCallView> &calls);
/// "18 calls · 123 k tokens in (80 % cached), 12.0 k out · $0.43, about $1.20 at the end"; empty without
/// calls.
[[nodiscard]] QString spendingLine(const SpendingView &spending);

/// "135 k tokens, $0.43": for narrow places.
[[nodiscard]] QString spendingShort(const SpendingView &spending);

} // namespace ww::ui
