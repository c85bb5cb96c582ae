// SPDX-License-Identifier: GPL-3.0-or-later
// Events of searches by a model: their stored form, and what the projection accepts of them.
#include "core/base/Hash.h"
#include "core/journal/EventJson.h"
#include "tests/core/SearchFixtures.h"

#include <QTest>

#include <map>

using namespace ww;
using fixtures::SessionMaker;

namespace {

ModelAsked asked(int step, MoveKind kind = MoveKind::Large, int turn = 1)
{
    ModelAsked event;
    event.key = {step, kind, turn};
    event.endpoint = "https://api.example.com/v1";
    event.request.label = "step";
    event.request.model = "m";
    event.request.system = "the part that stays";
    event.request.turns = {{ModelTurn::Speaker::User, "question \xC3\xA9"},
                           {ModelTurn::Speaker::Model, ""},
                           {ModelTurn::Speaker::User, "again"}};
    event.request.maxTokens = 77;
    event.request.temperature = 0.1 + 0.2;
    event.request.jsonSchema = "{}";
    event.prompts = {{"system", "abc"}};
    return event;
}

ModelAnswered answered(int step, MoveKind kind = MoveKind::Large, int turn = 1)
{
    ModelAnswered event;
    event.key = {step, kind, turn};
    event.reply.text = "```c\n…```";
    event.reply.reasoning = "hm";
    event.reply.stop = "stop";
    event.reply.seconds = 1.5;
    event.reply.usage = {100, 40, 10, 20, 5};
    event.money = 0.125;
    return event;
}

StepBegun begun(int step, CandidateId parent = 0, MoveKind kind = MoveKind::Large)
{
    StepBegun event;
    event.step = step;
    event.move.parent = parent;
    event.move.kind = kind;
    return event;
}

} // namespace

class TestModelEvents : public QObject {
    Q_OBJECT

private slots:
    void everyCutOfABodyIsRefusedOrWhole()
    {
        EventAttachments attachments;
        attachments.text = [](const std::string &) -> Result<std::string> { return std::string("text"); };
        for (const EventBody &event : std::vector<EventBody> {asked(1), answered(1), begun(1),
                                                              SearchPaused {"why"}, HintGiven {0, "hint"}}) {
            const PackedEvent packed = packEvent(event);
            QVERIFY(unpackEvent(packed.kind, packed.body, attachments));
            for (size_t length = 0; length < packed.body.size(); ++length)
                QVERIFY(!unpackEvent(packed.kind, packed.body.substr(0, length), attachments));
            QVERIFY(!unpackEvent(packed.kind, "{}", attachments));
        }
    }

    void questionsAndAnswersComeBackAsTheyWent()
    {
        std::map<std::string, std::string> texts;
        const auto read = [&texts](const EventBody &event) {
            const PackedEvent packed = packEvent(event);
            for (const std::string &text : packed.texts)
                texts[sha256Hex(text)] = text;
            EventAttachments attachments;
            attachments.text = [&texts](const std::string &hash) -> Result<std::string> {
                const auto found = texts.find(hash);
                if (found == texts.end())
                    return failure(ErrorCode::BadInput, "no such text");
                return found->second;
            };
            return unpackEvent(packed.kind, packed.body, attachments);
        };
        const auto question = read(asked(3, MoveKind::Small, 2));
        QVERIFY2(question, question ? "" : question.error().message().c_str());
        const auto &backAsked = std::get<ModelAsked>(*question);
        QVERIFY(backAsked.key == (ModelCallKey {3, MoveKind::Small, 2}));
        QCOMPARE(backAsked.request.system.get(), std::string("the part that stays"));
        QCOMPARE(backAsked.request.turns.size(), size_t(3));
        QCOMPARE(backAsked.request.turns[0].text, std::string("question \xC3\xA9"));
        QVERIFY(backAsked.request.turns[1].speaker == ModelTurn::Speaker::Model);
        QCOMPARE(*backAsked.request.temperature, 0.1 + 0.2);
        QCOMPARE(backAsked.prompts.at("system"), std::string("abc"));

        ModelAnswered failed = answered(1);
        failed.fault = ModelFault {ModelFault::Kind::RateLimited, "slowly", 429, {}};
        failed.money.reset();
        const auto answer = read(failed);
        QVERIFY2(answer, answer ? "" : answer.error().message().c_str());
        const auto &backAnswered = std::get<ModelAnswered>(*answer);
        QVERIFY(backAnswered.fault->kind == ModelFault::Kind::RateLimited);
        QCOMPARE(backAnswered.fault->status, 429);
        QVERIFY(!backAnswered.money);
        QCOMPARE(backAnswered.reply.text, failed.reply.text);
        QCOMPARE(backAnswered.reply.usage.cacheWrites, int64_t(10));
    }

    void contradictionsAreRefused()
    {
        SessionMaker maker;
        QVERIFY(maker.add(fixtures::created()));
        QVERIFY(!maker.add(answered(1))); // nobody was asked
        QVERIFY(!maker.add(asked(0))); // for no step
        QVERIFY(!maker.add(HintGiven {5, "x"}));
        QVERIFY(!maker.add(begun(0)));
        QVERIFY(!maker.add(begun(1, 9)));
        QVERIFY(maker.add(begun(2)));
        QVERIFY(!maker.add(begun(1))); // steps begin in order
        QVERIFY(maker.add(fixtures::proposed(1, 0, 2, MoveKind::Large)));
        QVERIFY(!maker.add(fixtures::proposed(2, 0, 2, MoveKind::Large))); // it has its candidate
        QVERIFY(!maker.add(begun(2)));
        QCOMPARE(maker.session.stepsBegun, 2);
    }

    void stepsEndInAnyOrder()
    {
        SessionMaker maker;
        QVERIFY(maker.add(fixtures::created()));
        for (const int step : {1, 2, 3})
            QVERIFY(maker.add(begun(step)));
        QVERIFY(maker.add(fixtures::proposed(1, 0, 3, MoveKind::Large)));
        QVERIFY(maker.add(StepWithoutCandidate {1, {}, "nothing"}));
        QCOMPARE(maker.session.openSteps(), (std::vector<int> {2}));
        QCOMPARE(maker.session.stepsDone, 3);
        QVERIFY(maker.session.openDecision(2) && !maker.session.openDecision(3));
        QVERIFY(maker.add(begun(2, 1, MoveKind::Small))); // asked again for the other kind
        QCOMPARE(maker.session.openSteps(), (std::vector<int> {2}));
        QCOMPARE(maker.session.openDecision(2)->move.parent, CandidateId(1));
        QVERIFY(maker.add(fixtures::proposed(2, 1, 2, MoveKind::Small)));
        QVERIFY(maker.session.openSteps().empty());
        QCOMPARE(maker.session.stepsDone, 3);
    }

    void callsAreCountedAndFoundByTheirCandidate()
    {
        SessionMaker maker;
        QVERIFY(maker.add(fixtures::created()));
        QVERIFY(maker.add(begun(1)));
        QVERIFY(maker.add(asked(1))); // cut off by a kill
        QVERIFY(maker.add(asked(1)));
        QVERIFY(maker.add(answered(1)));
        QVERIFY(!maker.add(answered(1)));
        QVERIFY(maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large)));
        QCOMPARE(maker.session.callsOf(1).size(), size_t(2));
        QVERIFY(!maker.session.calls[0].answered && maker.session.calls[1].answered);
        QCOMPARE(maker.session.spent.calls, 1);
        QCOMPARE(maker.session.spent.money, 0.125);
        QCOMPARE(maker.session.spent.usage.input, int64_t(100));
        ModelAnswered unpriced = answered(2);
        unpriced.money.reset();
        QVERIFY(maker.add(begun(2)));
        QVERIFY(maker.add(asked(2)));
        QVERIFY(maker.add(unpriced));
        QCOMPARE(maker.session.spent.unpriced, 1);
        QVERIFY(maker.session.callsOf(0).empty());
    }

    void aHintIsUsedUpByTheStepThatCarriesIt()
    {
        SessionMaker maker;
        QVERIFY(maker.add(fixtures::created()));
        QVERIFY(maker.add(HintGiven {0, "use tiles"}));
        QVERIFY(maker.add(begun(1)));
        QCOMPARE(maker.session.nodes[0].hint, std::string("use tiles")); // that step began before it
        StepBegun with = begun(2);
        with.move.hint = "use tiles";
        QVERIFY(maker.add(with));
        QVERIFY(maker.session.nodes[0].hint.empty());
    }

    void aPauseLastsUntilTheSearchGoesOn()
    {
        SessionMaker maker;
        QVERIFY(maker.add(fixtures::created()));
        QVERIFY(maker.add(SearchPaused {"no key"}));
        QCOMPARE(maker.session.pausedWhy, std::string("no key"));
        QVERIFY(maker.add(begun(1)));
        QVERIFY(maker.session.pausedWhy.empty());
    }
};

QTEST_APPLESS_MAIN(TestModelEvents)
#include "tst_model_events.moc"
