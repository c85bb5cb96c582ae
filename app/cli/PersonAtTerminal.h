// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/PersonModel.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace ww::cli {

/// A line that holds this alone ends a pasted answer.
constexpr const char *kAnswerEnd = "END";

/// Shows a person the questions for a model, in a file or on standard output, and takes the answers from
/// standard input, each up to a line `END`.
class PersonAtTerminal {
public:
    /// Questions go to `promptFile`; to standard output where that is empty.
    explicit PersonAtTerminal(std::string promptFile);
    ~PersonAtTerminal();
    PersonAtTerminal(const PersonAtTerminal &) = delete;
    PersonAtTerminal &operator=(const PersonAtTerminal &) = delete;

    [[nodiscard]] const std::shared_ptr<PersonModel> &model() const { return m_model; }

private:
    void show(const PersonModel::Shown &question);
    void read(const std::stop_token &stop);
    void takeLine(const std::string &line, const std::stop_token &stop);

    const std::string m_promptFile;
    std::mutex m_mutex;
    std::condition_variable m_asked;
    Model::Ticket m_open = 0; ///< the question that is shown; 0: none
    std::string m_answer;
    std::shared_ptr<PersonModel> m_model;
    std::jthread m_reader; ///< last: it uses what stands above
};

} // namespace ww::cli
