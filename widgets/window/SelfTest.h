// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ww::ui {

/// Opens the window without showing it, lists tasks and devices, and prints what was found. Needs a
/// QApplication. Returns 0 when a search could be started, 3 when something is missing (each with a remedy).
[[nodiscard]] int runSelfTest();

} // namespace ww::ui
