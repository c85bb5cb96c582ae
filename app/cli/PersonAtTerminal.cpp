// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/PersonAtTerminal.h"

#include "app/cli/Command.h"
#include "core/base/Paths.h"
#include "core/base/Subprocess.h"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace ww::cli {
namespace {

constexpr int kPollMs = 50;
constexpr size_t kLongestAnswer = 16u << 20;

} // namespace

PersonAtTerminal::PersonAtTerminal(std::string promptFile) : m_promptFile(std::move(promptFile))
{
    m_model = std::make_shared<PersonModel>([this](const PersonModel::Shown &question) { show(question); },
                                            [this](Model::Ticket) {
                                                const std::lock_guard lock(m_mutex);
                                                m_open = 0;
                                            });
    m_reader = std::jthread([this](const std::stop_token &stop) { read(stop); });
}

PersonAtTerminal::~PersonAtTerminal()
{
    m_reader.request_stop();
    const std::lock_guard lock(m_mutex); // so that the reader is not between asking and waiting
    m_asked.notify_all();
}

void PersonAtTerminal::show(const PersonModel::Shown &question)
{
    if (m_promptFile.empty()) {
        say("----- question for the model -----\n{}\n----- end of the question -----\n", question.text);
    } else if (const Status written = writeFileAtomically(m_promptFile, question.text); !written) {
        m_model->leave(written.error().message());
        return;
    }
    flushOutput();
    complain("{}; paste the answer here and end it with a line {}\n",
             m_promptFile.empty() ? std::string("ask a model the question above")
                                  : "ask a model what stands in " + m_promptFile,
             kAnswerEnd);
    {
        const std::lock_guard lock(m_mutex);
        m_open = question.ticket;
    }
    m_asked.notify_all();
}

void PersonAtTerminal::read(const std::stop_token &stop)
{
    LineBuffer lines(kLongestAnswer);
    char buffer[65536];
    while (!stop.stop_requested()) {
        pollfd input {STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, kPollMs) == 0)
            continue;
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (count <= 0 || !lines.add({buffer, static_cast<size_t>(count)})) {
            m_model->leave(count > 0 ? "a line of the answer is too long"
                               : m_answer.empty()
                               ? "standard input has ended, so nobody brings answers any more"
                               : fmt::format("standard input ended within an answer: end each "
                                             "answer with a line {}",
                                             kAnswerEnd));
            return;
        }
        while (const std::optional<std::string> line = lines.next()) {
            takeLine(*line, stop);
            if (stop.stop_requested())
                return;
        }
    }
}

void PersonAtTerminal::takeLine(const std::string &line, const std::stop_token &stop)
{
    const bool ends = line == kAnswerEnd || line == std::string(kAnswerEnd) + "\r";
    if (!ends) {
        if (m_answer.size() + line.size() < kLongestAnswer)
            m_answer += line + "\n";
        return;
    }
    Model::Ticket ticket = 0;
    {
        // Answers may be piped in before they are asked for.
        std::unique_lock lock(m_mutex);
        m_asked.wait(lock, [&] { return m_open != 0 || stop.stop_requested(); });
        ticket = std::exchange(m_open, 0);
    }
    if (ticket != 0)
        m_model->answer(ticket, std::exchange(m_answer, {}));
}

} // namespace ww::cli
