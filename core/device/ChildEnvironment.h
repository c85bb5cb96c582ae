// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// What a child gets to see of the environment, as "NAME=value". `folder` is its home and its place for
/// files; of the worker's own environment the settings of drivers and loaders go along.
[[nodiscard]] std::vector<std::string> childEnvironment(const std::string &folder);

/// The worker's environment for a child without walls, in which tools that look into processes travel
/// (compute-sanitizer, profilers): all but what looks like a secret.
[[nodiscard]] std::vector<std::string> openEnvironment();

/// Whether "NAME=value" looks like a key, a token, a password or a way to somebody who holds them. What
/// loaders and NVIDIA's tools read does not, whatever it is called.
[[nodiscard]] bool looksSecret(std::string_view variable);

} // namespace ww
