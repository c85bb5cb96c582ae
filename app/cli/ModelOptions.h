// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/ModelClient.h"
#include "core/search/SearchConfig.h"

#include <CLI/CLI.hpp>

#include <string>

namespace ww::cli {

/// Which model is asked and where: --endpoint, --model, --format, --key-variable, --key, --allow-http,
/// --max-tokens.
struct ModelOptions {
    ModelSettings settings;
    std::string format = "chat";

    void addTo(CLI::App &command, bool required);
    /// The settings as given, with the endpoint in normal form; what was not named stays as in `before`.
    [[nodiscard]] Result<ModelSettings> chosen(const CLI::App &command,
                                               const ModelSettings &before = {}) const;
};

/// How the endpoint of these settings is asked once, with the key of its environment variable.
[[nodiscard]] Result<ModelClientOptions> clientOptions(const ModelSettings &settings);

} // namespace ww::cli
