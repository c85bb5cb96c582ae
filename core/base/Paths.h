// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <string>
#include <string_view>

namespace ww {

/// Folder of the running executable.
[[nodiscard]] std::string executableDirectory();

/// The program of that name beside this one, in ../libexec/warpwright, or on PATH. NotFound says how to come
/// by it.
[[nodiscard]] Result<std::string> findExecutable(const std::string &name);

/// Folder of the shipped tasks: $WARPWRIGHT_KERNELS, ./kernels, beside the program
/// (../share/warpwright/kernels), or the source tree this was built from; NotFound names the places looked
/// in.
[[nodiscard]] Result<std::string> kernelsDirectory();

/// Folder of shipped texts of that name ("prompts", "prices"): in $WARPWRIGHT_RESOURCES, beside the program
/// (../share/warpwright/resources), or in the source tree this was built from; NotFound names the places
/// looked in.
[[nodiscard]] Result<std::string> resourcesDirectory(const std::string &name);

/// $XDG_CONFIG_HOME/warpwright (default ~/.config/warpwright), created when missing.
[[nodiscard]] Result<std::string> configDirectory();
/// $XDG_DATA_HOME/warpwright (default ~/.local/share/warpwright), created when missing.
[[nodiscard]] Result<std::string> dataDirectory();
/// $XDG_CACHE_HOME/warpwright (default ~/.cache/warpwright), created when missing.
[[nodiscard]] Result<std::string> cacheDirectory();

/// Reads a whole file; refuses directories, devices and files over `limitBytes`.
[[nodiscard]] Result<std::string> readTextFile(const std::string &path, size_t limitBytes = 64u << 20);
/// Writes via a temporary file and rename, so that a reader sees the old or the new content.
[[nodiscard]] Status writeFileAtomically(const std::string &path, std::string_view content);

} // namespace ww
