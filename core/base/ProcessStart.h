// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ww {

/// To be called first by a program that a person starts. Standard streams that are closed get /dev/null, so
/// that no file opened later takes their place and is written over by messages. A reader that goes away and
/// a limit on file sizes then show as an error code of the write instead of killing the process.
void prepareProcess();

} // namespace ww
