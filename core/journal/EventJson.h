// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Session.h"

#include <functional>
#include <map>

namespace ww {

/// An event as the journal stores it: a short JSON body, and beside it what is long or numbers only.
struct PackedEvent {
    std::string kind; ///< "session_created", "candidate_proposed", …
    std::string body; ///< JSON; names its texts by their SHA-256
    std::vector<std::string> texts; ///< sources, task, build log: each is stored once a file
    struct Samples {
        int place = 0; ///< index in Evaluation::timing
        std::string workload;
        std::vector<float> us;
    };
    std::vector<Samples> samples;
};

/// The event in its stored form.
[[nodiscard]] PackedEvent packEvent(const EventBody &event);

/// Where unpackEvent() finds what lies beside the body.
struct EventAttachments {
    std::function<Result<std::string>(const std::string &hash)> text;
    std::map<int, std::vector<float>> samples; ///< by place
};

/// Reads a stored event; the file may come from a stranger, so every fault is an error that names the
/// field.
[[nodiscard]] Result<EventBody> unpackEvent(std::string_view kind, std::string_view body,
                                            EventAttachments attachments);

} // namespace ww
