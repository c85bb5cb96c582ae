// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/RecordedModel.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <mutex>

namespace ww {
namespace {

struct RecordedAnswer {
    int64_t seq = 0;
    std::shared_ptr<const ModelAnswered> answer;
};

class RecordedModel final : public Model {
public:
    RecordedModel(const Session &session, std::shared_ptr<RecordedOrder> order,
                  std::function<void()> beyondRecord)
        : m_order(std::move(order)),
          m_beyondRecord(std::move(beyondRecord)),
          m_state(std::make_shared<State>())
    {
        for (const ModelCall &call : session.calls) {
            if (!call.answered)
                continue;
            m_state->answers[call.asked->request.label].push_back({call.answeredSeq, call.answered});
            m_order->expect(call.answeredSeq);
        }
    }

    Ticket ask(const ModelRequest &request, ModelListener listener) override
    {
        std::optional<RecordedAnswer> found;
        Ticket ticket = 0;
        {
            const std::lock_guard lock(m_state->mutex);
            ticket = ++m_state->last;
            const auto answers = m_state->answers.find(request.label);
            if (answers != m_state->answers.end() && !answers->second.empty()) {
                found = answers->second.front();
                answers->second.pop_front();
            }
            m_state->open.emplace(ticket, Open {std::move(listener), found ? found->seq : 0});
        }
        if (!found)
            m_beyondRecord();
        else
            m_order->ask(found->seq, [state = m_state, ticket, answer = found->answer] {
                if (const auto open = state->take(ticket))
                    State::tell(*open, *answer);
            });
        return ticket;
    }

    void cancel(Ticket ticket) override
    {
        const std::optional<Open> open = m_state->take(ticket);
        if (!open)
            return;
        m_order->withdraw(open->seq);
        open->listener.onDone(tl::make_unexpected(
            ModelFault {ModelFault::Kind::Cancelled, "the question was withdrawn", 0, {}}));
    }

    [[nodiscard]] std::optional<ModelFault> stopped() const override { return std::nullopt; }
    void goOn() override { }

private:
    struct Open {
        ModelListener listener;
        int64_t seq = 0; ///< of the answer; 0: there is none
    };
    struct State {
        std::optional<Open> take(Ticket ticket)
        {
            const std::lock_guard lock(mutex);
            auto found = open.extract(ticket);
            return found.empty() ? std::nullopt : std::optional(std::move(found.mapped()));
        }
        static void tell(const Open &question, const ModelAnswered &answer)
        {
            if (answer.fault) {
                question.listener.onDone(tl::make_unexpected(*answer.fault));
                return;
            }
            if (question.listener.onText)
                question.listener.onText(answer.reply.text);
            question.listener.onDone(answer.reply);
        }

        mutable std::mutex mutex;
        std::map<std::string, std::deque<RecordedAnswer>> answers; ///< by label
        std::map<Ticket, Open> open;
        Ticket last = 0;
    };

    std::shared_ptr<RecordedOrder> m_order;
    std::function<void()> m_beyondRecord;
    std::shared_ptr<State> m_state; ///< also of answers that are being given
};

class RecordedQuestions final : public QuestionSource {
public:
    explicit RecordedQuestions(const Session &session)
    {
        for (const ModelCall &call : session.calls)
            m_questions[call.asked->request.label].push_back(
                {call.asked->request, call.asked->prompts, call.asked->memory});
    }

    [[nodiscard]] Result<Question> first(const Session &, const ModelCallKey &key,
                                         const PromptInput &) override
    {
        return next(key);
    }
    [[nodiscard]] Result<Question> review(const Session &, const ModelCallKey &key,
                                          const PromptInput &) override
    {
        return next(key);
    }
    /// The first question was recorded with its review in it.
    [[nodiscard]] Question afterReview(const Question &first, const Question &, const std::string &) override
    {
        return first;
    }
    [[nodiscard]] Result<Question> repair(const ModelCallKey &key, const Question &, const std::string &,
                                          const std::string &) override
    {
        return next(key);
    }

private:
    Result<Question> next(const ModelCallKey &key)
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_questions.find(labelOf(key));
        if (found == m_questions.end()) { // the recorded search ended before this question
            Question question;
            question.request.label = labelOf(key);
            return question;
        }
        // A call that was made again asked the same.
        Question question = found->second.front();
        if (found->second.size() > 1)
            found->second.pop_front();
        return question;
    }

    std::mutex m_mutex;
    std::map<std::string, std::deque<Question>> m_questions; ///< by label
};

} // namespace

std::shared_ptr<Model> makeRecordedModel(const Session &session, std::shared_ptr<RecordedOrder> order,
                                         std::function<void()> beyondRecord)
{
    return std::make_shared<RecordedModel>(session, std::move(order), std::move(beyondRecord));
}

std::shared_ptr<QuestionSource> makeRecordedQuestions(const Session &session)
{
    return std::make_shared<RecordedQuestions>(session);
}

} // namespace ww
