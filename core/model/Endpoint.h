// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/model/ModelTypes.h"

#include <stop_token>

namespace ww {

/// Where a model is asked.
struct Endpoint {
    std::string url; ///< base, "https://api.example.com/v1"; the format's path is added
    WireKind wire = WireKind::ChatCompletions;
    std::string keyVariable; ///< environment variable that holds the key
    /// Never read from a session: a stranger's file must not have a key of the keyring sent to its endpoint.
    std::string keyName; ///< the key's name in the keyring, for when the variable is not set; both empty:
                         ///< none is sent
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

/// The key in the endpoint's environment variable, or where that is not set the one in the keyring. NotFound
/// when there is none, BadInput when it holds what cannot stand in a header, Unsupported where there is no
/// keyring. A stop request ends waiting for the keyring.
[[nodiscard]] Result<ModelKey> keyOf(const Endpoint &endpoint, const std::stop_token &stop = {});

/// The key when it can stand in a header; else BadInput that names `place` and not the key.
[[nodiscard]] Result<ModelKey> checkedKey(ModelKey key, const std::string &place);

/// The text with every occurrence of the key replaced, for messages that come from elsewhere.
[[nodiscard]] std::string withoutKey(std::string text, const ModelKey &key);

} // namespace ww
