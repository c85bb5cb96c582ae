// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/LoopbackServer.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

/// A scripted model: a real HTTP server on loopback that speaks the streaming format of OpenAI chat
/// completions and answers what a script says. It stands in for a language model, which no test can have.
class ScriptedModel {
public:
    /// What a request asks for.
    struct Asked {
        int number = 0; ///< requests count from 0
        std::string system;
        std::vector<std::string> turns;
        bool small = false; ///< edits are asked for
        bool repair = false; ///< the last answer could not be used
    };
    struct Answer {
        std::string text;
        int status = 200;
        double seconds = 0; ///< it thinks so long
        std::string stop = "stop";
        bool counts = true; ///< says how many tokens it took
    };
    using Script = std::function<Answer(const Asked &)>;

    explicit ScriptedModel(Script script)
        : m_script(std::move(script)),
          m_server([this](const Connection &connection, int number, const std::string &request) {
              serve(connection, number, request);
          })
    {
    }

    [[nodiscard]] std::string url() const { return m_server.url(); }
    [[nodiscard]] const LoopbackServer &server() const { return m_server; }

private:
    static Asked read(int number, const std::string &request)
    {
        Asked asked;
        asked.number = number;
        const auto body = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4), nullptr, false);
        for (const auto &message : body["messages"]) {
            if (message["role"] == "system")
                asked.system = message["content"];
            else
                asked.turns.push_back(message["content"]);
        }
        asked.small = !asked.turns.empty() && asked.turns.front().find("<<<<<<< OLD") != std::string::npos;
        asked.repair = asked.turns.size() > 1;
        return asked;
    }

    void serve(const Connection &connection, int number, const std::string &request)
    {
        const Asked asked = read(number, request);
        const Answer answer = m_script(asked);
        if (answer.seconds > 0 && !connection.pause(answer.seconds))
            return;
        if (answer.status != 200) {
            connection.send(answerHead(answer.status, "application/json")
                            + R"({"error": {"message": "scripted", "type": "scripted"}})");
            return;
        }
        connection.send(answerHead(200, "text/event-stream"));
        constexpr size_t kPiece = 57;
        for (size_t at = 0; at < answer.text.size(); at += kPiece) {
            const nlohmann::json chunk {
                {"id", "scripted"},
                {"model", "scripted-model"},
                {"choices", {{{"index", 0}, {"delta", {{"content", answer.text.substr(at, kPiece)}}}}}}};
            connection.send("data: " + chunk.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)
                            + "\n\n");
        }
        size_t asking = asked.system.size();
        for (const std::string &turn : asked.turns)
            asking += turn.size();
        nlohmann::json last {
            {"model", "scripted-model"},
            {"choices",
             {{{"index", 0}, {"delta", nlohmann::json::object()}, {"finish_reason", answer.stop}}}},
            {"usage",
             {{"prompt_tokens", asking / 4},
              {"completion_tokens", answer.text.size() / 4 + 1},
              {"prompt_tokens_details", {{"cached_tokens", asked.system.size() / 4}}}}}};
        if (!answer.counts)
            last.erase("usage");
        connection.send("data: " + last.dump() + "\n\ndata: [DONE]\n\n");
    }

    Script m_script;
    LoopbackServer m_server; ///< last: its threads use the script
};
