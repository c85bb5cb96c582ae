// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/ModelTypes.h"

namespace ww {

/// Where a model is asked.
struct Endpoint {
    std::string url; ///< base, "https://api.example.com/v1"; the format's path is added
    WireKind wire = WireKind::ChatCompletions;
    std::string keyVariable; ///< environment variable that holds the key; empty: none is sent
    bool allowPlainHttp = false; ///< http to hosts that are not this one
};

/// The endpoint with its URL in normal form. Refuses what is no http or https URL, plain http to another host
/// than this one unless allowed, and a URL with a user, password, query or fragment: a key does not belong
/// there.
[[nodiscard]] Result<Endpoint> checkedEndpoint(Endpoint endpoint);

/// A secret that is not printed by accident: it has no stream operator and is told apart from text.
struct ModelKey {
    std::string secret; ///< empty: none
};

/// The key in the endpoint's environment variable. NotFound when the variable is not set, BadInput when it
/// holds what cannot stand in a header.
[[nodiscard]] Result<ModelKey> keyOf(const Endpoint &endpoint);

/// The text with every occurrence of the key replaced, for messages that come from elsewhere.
[[nodiscard]] std::string withoutKey(std::string text, const ModelKey &key);

} // namespace ww
