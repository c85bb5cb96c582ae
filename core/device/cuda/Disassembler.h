// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <string>

namespace ww {

/// The machine code of a cubin as NVIDIA's nvdisasm, else cuobjdump, prints it: a process of its own that
/// reads a file in this process's temporary folder. NotFound, with the remedy, where neither is installed. It
/// waits as long as the tool takes: whoever watches this process sets the limit.
[[nodiscard]] Result<std::string> disassembled(const std::string &cubin);

} // namespace ww
