// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Endpoint.h"
#include "core/model/Model.h"

#include <memory>
#include <stop_token>

namespace ww {

/// How an endpoint is used.
struct ModelClientOptions {
    Endpoint endpoint; ///< checked (Endpoint.h)
    ModelKey key;
    int concurrency = 8; ///< requests at a time; more wait
    int retries = 2; ///< after the first attempt, before any text has come
    double connectSeconds = 5;
    double silenceSeconds = 120; ///< without a byte; a busy server sends none until its first token
    double totalSeconds = 600;
    size_t maxBytes = 16u << 20; ///< of an answer as it comes over the wire
    double firstBackoffSeconds = 0.5; ///< doubled with each retry up to 8 s, less up to a quarter at random
};

/// Asks a model. Repeats what may succeed later (408, 409, 429, 5xx, no connection) while no text has come,
/// as long as the endpoint asks to wait, at most a minute. Stops sending when that cannot help: at once when
/// the key is refused or the money is spent, and after several calls in a row that failed for the endpoint's
/// own reasons. All functions may be called from any thread.
class ModelClient final : public Model {
public:
    explicit ModelClient(ModelClientOptions options);
    ~ModelClient() override; ///< cancels what is under way
    ModelClient(const ModelClient &) = delete;
    ModelClient &operator=(const ModelClient &) = delete;

    Ticket ask(const ModelRequest &request, ModelListener listener) override;
    void cancel(Ticket ticket) override;

    /// Asks and waits. A stop request cancels.
    [[nodiscard]] tl::expected<ModelReply, ModelFault>
    askAndWait(const ModelRequest &request, ModelListener listener = {}, std::stop_token stop = {});

    [[nodiscard]] std::optional<ModelFault> stopped() const override;
    void goOn() override;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The fault as an Error with what to do about it.
[[nodiscard]] Error errorOf(const ModelFault &fault);

} // namespace ww
