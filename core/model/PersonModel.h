// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ww {

/// A model that a person asks in our place, in a web chat say: each question is shown, and the answer is what
/// the person brings back.
class PersonModel final : public Model {
public:
    /// A question as a person carries it away: system text and all turns as one text.
    struct Shown {
        Ticket ticket = 0;
        std::string text;
    };

    /// `show` is called on the asker's thread for each new question, `withdraw` when one is not wanted any
    /// more.
    PersonModel(std::function<void(const Shown &)> show, std::function<void(Ticket)> withdraw);
    ~PersonModel() override; ///< the questions that are open end with Cancelled

    Ticket ask(const ModelRequest &request, ModelListener listener) override;
    void cancel(Ticket ticket) override;
    [[nodiscard]] std::optional<ModelFault> stopped() const override;
    void goOn() override;

    /// The answer to a question; ignored when that is not open.
    void answer(Ticket ticket, std::string text);
    /// Nobody answers any more, for the reason given: open questions and later ones fail.
    void leave(const std::string &why);

private:
    void end(Ticket ticket, tl::expected<ModelReply, ModelFault> result);

    const std::function<void(const Shown &)> m_show;
    const std::function<void(Ticket)> m_withdraw;
    mutable std::mutex m_mutex;
    std::map<Ticket, ModelListener> m_open;
    std::optional<ModelFault> m_left;
    Ticket m_last = 0;
};

/// System text and turns of a request as one text to paste.
[[nodiscard]] std::string pasteText(const ModelRequest &request);

} // namespace ww
