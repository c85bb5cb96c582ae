// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ww::ui {

/// Lets screen readers read what is only drawn: a tree canvas tells its size, selection and best, a chart
/// its summary, as value text. Safe to call twice.
void installAccessibleFactory();

} // namespace ww::ui
