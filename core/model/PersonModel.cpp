// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/PersonModel.h"

#include <utility>
#include <vector>

namespace ww {

std::string pasteText(const ModelRequest &request)
{
    // A chat that was opened for the first turn has all but the last one already.
    if (request.turns.size() > 1)
        return request.turns.back().text;
    return request.system.get() + "\n" + (request.turns.empty() ? std::string() : request.turns.front().text);
}

PersonModel::PersonModel(std::function<void(const Shown &)> show, std::function<void(Ticket)> withdraw)
    : m_show(std::move(show)), m_withdraw(std::move(withdraw))
{
}

PersonModel::~PersonModel()
{
    leave("the program ends");
}

Model::Ticket PersonModel::ask(const ModelRequest &request, ModelListener listener)
{
    std::optional<ModelFault> left;
    Ticket ticket = 0;
    {
        const std::lock_guard lock(m_mutex);
        ticket = ++m_last;
        left = m_left;
        if (!left)
            m_open.emplace(ticket, std::move(listener));
    }
    if (!left)
        m_show({ticket, pasteText(request)});
    else if (listener.onDone)
        listener.onDone(tl::make_unexpected(*left));
    return ticket;
}

void PersonModel::end(Ticket ticket, tl::expected<ModelReply, ModelFault> result)
{
    ModelListener listener;
    {
        const std::lock_guard lock(m_mutex);
        auto open = m_open.extract(ticket);
        if (open.empty())
            return;
        listener = std::move(open.mapped());
    }
    if (!result)
        m_withdraw(ticket);
    else if (listener.onText)
        listener.onText(result->text);
    if (listener.onDone)
        listener.onDone(std::move(result));
}

void PersonModel::answer(Ticket ticket, std::string text)
{
    ModelReply reply;
    reply.text = std::move(text);
    reply.stop = "stop";
    end(ticket, std::move(reply));
}

void PersonModel::cancel(Ticket ticket)
{
    end(ticket,
        tl::make_unexpected(ModelFault {ModelFault::Kind::Cancelled, "the question was withdrawn", 0, {}}));
}

void PersonModel::leave(const std::string &why)
{
    std::vector<Ticket> open;
    const ModelFault fault {ModelFault::Kind::Paused, why, 0, {}};
    {
        const std::lock_guard lock(m_mutex);
        m_left = fault;
        for (const auto &[ticket, listener] : m_open)
            open.push_back(ticket);
    }
    for (const Ticket ticket : open)
        end(ticket, tl::make_unexpected(fault));
}

std::optional<ModelFault> PersonModel::stopped() const
{
    const std::lock_guard lock(m_mutex);
    return m_left;
}

void PersonModel::goOn()
{
    const std::lock_guard lock(m_mutex);
    m_left.reset();
}

} // namespace ww
