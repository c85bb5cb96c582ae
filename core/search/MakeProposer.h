// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Endpoint.h"
#include "core/model/PersonModel.h"
#include "core/model/Prices.h"
#include "core/search/Proposer.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace ww {

/// What a proposer may need that no session keeps.
struct ProposerNeeds {
    std::optional<ModelKey> key; ///< from a keyring, say; else the one in the endpoint's environment variable
    std::shared_ptr<PersonModel> person; ///< of the proposer "human"
    /// The endpoint was read from a session file: a key is sent there only where the user has named it before
    /// (KnownEndpoints.h). Otherwise the user has named it now, and that is kept.
    bool endpointFromFile = false;
    std::stop_token stop {}; ///< ends waiting for a person who is to unlock the keyring
};

/// Refuses a configuration whose proposer is unknown ("catalogue", "llm", "human" are there) or lacks a
/// setting. Asks nobody and reads no key.
[[nodiscard]] Status checkProposer(const SearchConfig &config);

/// The price of the configuration's model; nothing where it is not known, which is an error where a limit of
/// money is set.
[[nodiscard]] Result<std::optional<ModelPrice>> priceFor(const SearchConfig &config);

/// The proposer of that configuration. For "llm": BadInput or NotFound where endpoint, key, prompts or prices
/// are missing or faulty, or a limit of money is set and the model's price is not known.
[[nodiscard]] Result<std::unique_ptr<Proposer>> makeProposer(const SearchConfig &config,
                                                             const ProposerNeeds &needs = {});

} // namespace ww
