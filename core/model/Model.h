// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/ModelTypes.h"

#include <tl/expected.hpp>

#include <functional>
#include <optional>

namespace ww {

/// Told of one question, on a thread of the model's or, where it is refused at once, on the asker's.
struct ModelListener {
    std::function<void(const std::string &piece)> onText;
    /// An attempt failed and is repeated after so many seconds.
    std::function<void(const ModelFault &fault, double waitSeconds)> onRetry;
    std::function<void(tl::expected<ModelReply, ModelFault>)> onDone; ///< exactly once, and last
};

/// Something that answers questions: an endpoint, a person who carries them to a model, a recording.
/// All functions may be called from any thread.
class Model {
public:
    using Ticket = uint64_t;

    virtual ~Model() = default;
    virtual Ticket ask(const ModelRequest &request, ModelListener listener) = 0;
    /// Ends a question that is under way: it still gets its onDone, soon, with Cancelled.
    virtual void cancel(Ticket ticket) = 0;
    /// Why nothing is asked any more; nothing while it is.
    [[nodiscard]] virtual std::optional<ModelFault> stopped() const = 0;
    /// Asks again, once a person has seen to it.
    virtual void goOn() = 0;
};

} // namespace ww
