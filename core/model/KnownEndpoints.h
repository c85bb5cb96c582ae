// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Endpoint.h"

namespace ww {

/// A session file names an endpoint and the variable that holds its key. A stranger's file must not have a
/// key sent to a place of the stranger's choosing, so a pair that comes from a file is used only where this
/// user has named it before. The pairs are kept in known-endpoints.txt in the data folder, a line each.

/// Keeps that the user sends the key in this variable to this address; nothing for an endpoint without a key.
[[nodiscard]] Status rememberEndpoint(const Endpoint &endpoint);
/// BadInput, with what to do, when the user has never named that variable with that address.
[[nodiscard]] Status checkKnownEndpoint(const Endpoint &endpoint);

} // namespace ww
