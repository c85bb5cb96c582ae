// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/Candidate.h"
#include "core/task/Task.h"

#include <string>

namespace ww {

/// "tiled · TILE=32 WORK=2": a kernel of that name with these parameters.
[[nodiscard]] std::string titleOfSet(const std::string &name, const Parameters &parameters);

/// "tiled · TILE 16→32": the source of `from` with other parameters. It goes by the catalogue's name; a
/// source that is not of the catalogue by its candidate's own.
[[nodiscard]] std::string titleOfChange(const Task &task, const Candidate &from, const Parameters &to);

} // namespace ww
