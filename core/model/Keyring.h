// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Endpoint.h"

namespace ww {

/// Keys in the desktop's keyring, by name. They are reached through a program of ours, warpwright-key, so
/// that neither core nor the command line needs the desktop's libraries; a key travels over pipes alone. Each
/// call may wait for a person to unlock the keyring, two minutes at most or until a stop request (Cancelled).

/// NotFound when there is no key of that name; Unsupported, with what to do instead, where there is no
/// keyring.
[[nodiscard]] Result<ModelKey> keyFromKeyring(const std::string &name, const std::stop_token &stop = {});
/// Keeps the key under the name, in place of another.
[[nodiscard]] Status putIntoKeyring(const std::string &name, const ModelKey &key,
                                    const std::stop_token &stop = {});
[[nodiscard]] Status removeFromKeyring(const std::string &name);

} // namespace ww
