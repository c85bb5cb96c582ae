// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WireFormat.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace ww;
using nlohmann::json;
using Kind = ModelFault::Kind;

namespace {

ModelRequest question()
{
    ModelRequest request;
    request.model = "m-1";
    request.system = "Be brief.";
    request.turns = {{ModelTurn::Speaker::User, "2+2?"},
                     {ModelTurn::Speaker::Model, "5"},
                     {ModelTurn::Speaker::User, "Really? \xFF"}};
    request.maxTokens = 77;
    request.temperature = 0.5;
    request.jsonSchema = R"({"type": "object"})";
    return request;
}

struct Taken {
    PartialReply partial;
    std::optional<ModelFault> fault;
};

Taken taken(WireKind kind, const QByteArrayList &events)
{
    Taken result;
    for (const QByteArray &data : events) {
        result.fault = takeEvent(kind, {"message", data.toStdString()}, result.partial);
        if (result.fault)
            break;
    }
    return result;
}

constexpr WireKind kAll[] = {WireKind::ChatCompletions, WireKind::Responses, WireKind::Messages};

} // namespace

class WireFormatTest : public QObject {
    Q_OBJECT

private slots:
    void asksInEachFormat()
    {
        const json chat = json::parse(bodyOf(WireKind::ChatCompletions, question()));
        QCOMPARE(chat["messages"].size(), size_t {4});
        QCOMPARE(chat["messages"][0]["role"].get<std::string>(), std::string("system"));
        QCOMPARE(chat["messages"][2]["role"].get<std::string>(), std::string("assistant"));
        QCOMPARE(chat["messages"][3]["content"].get<std::string>(), std::string("Really? \xEF\xBF\xBD"));
        QCOMPARE(chat["max_tokens"].get<int>(), 77);
        QVERIFY(chat["stream_options"]["include_usage"].get<bool>());
        QVERIFY(chat["response_format"]["json_schema"]["schema"].is_object());

        const json responses = json::parse(bodyOf(WireKind::Responses, question()));
        QCOMPARE(responses["instructions"].get<std::string>(), std::string("Be brief."));
        QCOMPARE(responses["input"].size(), size_t {3});
        QCOMPARE(responses["max_output_tokens"].get<int>(), 77);
        QVERIFY(responses["text"]["format"]["schema"].is_object()); // flat here
        QVERIFY(!responses["store"].get<bool>());

        const json messages = json::parse(bodyOf(WireKind::Messages, question()));
        QCOMPARE(messages["messages"].size(), size_t {3});
        QCOMPARE(messages["system"][0]["text"].get<std::string>(), std::string("Be brief."));
        QVERIFY(messages["system"][0].contains("cache_control"));
        QCOMPARE(messages["max_tokens"].get<int>(), 77);
        for (const json &body : {chat, responses, messages}) {
            QCOMPARE(body["model"].get<std::string>(), std::string("m-1"));
            QCOMPARE(body["temperature"].get<double>(), 0.5);
            QVERIFY(body["stream"].get<bool>());
        }
    }

    void leavesOutWhatWasNotAsked()
    {
        ModelRequest request;
        request.model = "m";
        request.turns = {{ModelTurn::Speaker::User, "?"}};
        request.jsonSchema = "not a schema";
        for (const WireKind kind : kAll) {
            const json body = json::parse(bodyOf(kind, request));
            for (const char *key :
                 {"temperature", "response_format", "text", "output_config", "system", "instructions"})
                QVERIFY2(!body.contains(key), key);
        }
    }

    void sendsTheKeyAsEachFormatWantsIt()
    {
        const auto has = [](const std::vector<std::string> &headers, const char *line) {
            return std::find(headers.begin(), headers.end(), line) != headers.end();
        };
        QVERIFY(has(headersOf(WireKind::ChatCompletions, {"k"}), "Authorization: Bearer k"));
        QVERIFY(has(headersOf(WireKind::Responses, {"k"}), "Authorization: Bearer k"));
        QVERIFY(has(headersOf(WireKind::Messages, {"k"}), "x-api-key: k"));
        QVERIFY(has(headersOf(WireKind::Messages, {"k"}), "anthropic-version: 2023-06-01"));
        for (const WireKind kind : kAll) {
            for (const std::string &header : headersOf(kind, {}))
                QVERIFY(header.find("uthorization") == std::string::npos && !header.starts_with("x-api-key"));
        }
    }

    void readsAStreamOfChatCompletions()
    {
        const Taken result = taken(
            WireKind::ChatCompletions,
            {R"({"id":"c-1","model":"m-2","choices":[{"delta":{"role":"assistant","content":null}}]})",
             R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})",
             R"({"choices":[{"delta":{"content":"fo"}}]})",
             R"({"choices":[{"delta":{"content":"ur"},"finish_reason":null}],"usage":null})",
             R"({"choices":[{"delta":{},"finish_reason":"stop"}]})",
             R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":1}}})",
             "[DONE]"});
        QVERIFY(!result.fault);
        const ModelReply &reply = result.partial.reply;
        QVERIFY(result.partial.finished && result.partial.ended);
        QCOMPARE(reply.text, std::string("four"));
        QCOMPARE(reply.reasoning, std::string("hm"));
        QCOMPARE(reply.stop, std::string("stop"));
        QCOMPARE(reply.model, std::string("m-2"));
        QCOMPARE(reply.requestId, std::string("c-1"));
        QCOMPARE(reply.usage.input, int64_t {12});
        QCOMPARE(reply.usage.cachedInput, int64_t {8});
        QCOMPARE(reply.usage.output, int64_t {3});
        QCOMPARE(reply.usage.reasoning, int64_t {1});
    }

    void readsAStreamOfResponses()
    {
        const Taken result = taken(
            WireKind::Responses,
            {R"({"type":"response.created","response":{"id":"r-1"}})",
             R"({"type":"response.reasoning_summary_text.delta","delta":"hm"})",
             R"({"type":"response.output_text.delta","delta":"fo"})",
             R"({"type":"response.output_text.delta","delta":"ur"})",
             R"({"type":"response.incomplete","response":{"id":"r-1","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":5,"output_tokens":2,"input_tokens_details":{"cached_tokens":1},"output_tokens_details":{"reasoning_tokens":1}}}})"});
        QVERIFY(!result.fault && result.partial.ended);
        QCOMPARE(result.partial.reply.text, std::string("four"));
        QCOMPARE(result.partial.reply.reasoning, std::string("hm"));
        QCOMPARE(result.partial.reply.stop, std::string("max_output_tokens"));
        QCOMPARE(result.partial.reply.usage.cachedInput, int64_t {1});
    }

    void readsAStreamOfMessages()
    {
        const Taken result = taken(
            WireKind::Messages,
            {R"({"type":"message_start","message":{"id":"a-1","model":"m","usage":{"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":5,"output_tokens":1}}})",
             R"({"type":"ping"})",
             R"({"type":"content_block_start","content_block":{"type":"text","text":""}})",
             R"({"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}})",
             R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"fo"}})",
             R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"ur"}})",
             R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})",
             R"({"type":"message_stop"})"});
        QVERIFY(!result.fault && result.partial.ended);
        const ModelReply &reply = result.partial.reply;
        QCOMPARE(reply.text, std::string("four"));
        QCOMPARE(reply.reasoning, std::string("hm"));
        QCOMPARE(reply.stop, std::string("end_turn"));
        QCOMPARE(reply.usage.input, int64_t {35});
        QCOMPARE(reply.usage.cachedInput, int64_t {20});
        QCOMPARE(reply.usage.output, int64_t {9});
    }

    void readsAnswersThatDoNotStream()
    {
        PartialReply chat, responses, messages;
        QVERIFY(!takeDocument(
            WireKind::ChatCompletions,
            R"({"choices":[{"message":{"content":"four"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}})",
            chat));
        QVERIFY(!takeDocument(
            WireKind::Responses,
            R"({"status":"completed","output":[{"type":"reasoning","content":[{"text":"hm"}]},{"type":"message","content":[{"type":"output_text","text":"four"}]}]})",
            responses));
        QVERIFY(!takeDocument(
            WireKind::Messages,
            R"({"type":"message","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"four"}],"stop_reason":"end_turn"})",
            messages));
        for (const PartialReply &partial : {chat, responses, messages}) {
            QVERIFY(partial.finished);
            QCOMPARE(partial.reply.text, std::string("four"));
        }
    }

    void reportsFaultsInAStream_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("event");
        QTest::addColumn<int>("fault");
        const auto row = [](const char *name, WireKind kind, const char *event, Kind fault) {
            QTest::newRow(name) << static_cast<int>(kind) << QByteArray(event) << static_cast<int>(fault);
        };
        row("chat: object", WireKind::ChatCompletions,
            R"({"error":{"message":"slow down","type":"rate_limit_error"}})", Kind::RateLimited);
        row("chat: number for a code", WireKind::ChatCompletions,
            R"({"error":{"code":503,"message":"busy"}})", Kind::Overloaded);
        row("chat: text", WireKind::ChatCompletions, R"({"error":"it broke"})", Kind::Overloaded);
        row("chat: not JSON", WireKind::ChatCompletions, "<html>", Kind::Malformed);
        row("responses: failed", WireKind::Responses,
            R"({"type":"response.failed","response":{"status":"failed","error":{"code":"insufficient_quota","message":"no credit"}}})",
            Kind::Quota);
        row("responses: error", WireKind::Responses,
            R"({"type":"error","code":"rate_limit_exceeded","message":"x"})", Kind::RateLimited);
        row("messages: overloaded", WireKind::Messages,
            R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})", Kind::Overloaded);
        row("messages: key", WireKind::Messages,
            R"({"type":"error","error":{"type":"authentication_error","message":"x"}})", Kind::Refused);
    }
    void reportsFaultsInAStream()
    {
        QFETCH(const int, kind);
        QFETCH(const QByteArray, event);
        QFETCH(const int, fault);
        const Taken result = taken(static_cast<WireKind>(kind), {event});
        QVERIFY(result.fault);
        QCOMPARE(toString(result.fault->kind), toString(static_cast<Kind>(fault)));
        QVERIFY(!result.fault->message.empty());
    }

    void tellsFaultsByStatusAndWord_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("fault");
        const auto row = [](int status, const char *body, Kind fault) {
            QTest::addRow("%d %s", status, body) << status << QByteArray(body) << static_cast<int>(fault);
        };
        row(401, R"({"error":{"message":"bad key"}})", Kind::Refused);
        row(403, "", Kind::Refused);
        row(402, R"({"error":{"code":402,"message":"no credits"}})", Kind::Quota);
        row(429, R"({"error":{"message":"fast"}})", Kind::RateLimited);
        row(429, R"({"error":{"type":"insufficient_quota","message":"pay"}})", Kind::Quota);
        row(400, R"({"error":{"message":"no such field"}})", Kind::BadRequest);
        row(404, R"({"error":{"message":"no such model"}})", Kind::NotFound);
        row(302, "", Kind::NotFound);
        row(413, "too large", Kind::BadRequest);
        row(408, "", Kind::Timeout);
        row(409, "", Kind::Overloaded);
        row(500, "<html>oops</html>", Kind::Overloaded);
        row(529, R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})", Kind::Overloaded);
        row(503, "[1, 2", Kind::Overloaded);
    }
    void tellsFaultsByStatusAndWord()
    {
        QFETCH(const int, status);
        QFETCH(const QByteArray, body);
        QFETCH(const int, fault);
        const ModelFault found = faultOf(status, body.toStdString());
        QCOMPARE(toString(found.kind), toString(static_cast<Kind>(fault)));
        QCOMPARE(found.status, status);
        QVERIFY(!found.message.empty() && found.message.size() < 1000);
    }

    void survivesEventsOfAnyShape()
    {
        const QByteArrayList strange {"null",
                                      "[]",
                                      "{}",
                                      "7",
                                      "\"x\"",
                                      R"({"choices":7})",
                                      R"({"choices":[7]})",
                                      R"({"choices":[{"delta":7}]})",
                                      R"({"choices":[{"delta":{"content":["x"]}}]})",
                                      R"({"choices":{"0":{"delta":{"content":"x"}}}})",
                                      R"({"usage":{"prompt_tokens":-1}})",
                                      R"({"usage":{"prompt_tokens":1e300}})",
                                      R"({"type":7})",
                                      R"({"type":"response.completed"})",
                                      R"({"type":"response.completed","response":[]})",
                                      R"({"type":"message_start"})",
                                      R"({"type":"content_block_delta","delta":null})",
                                      R"({"error":null})"};
        for (const WireKind kind : kAll) {
            for (const QByteArray &event : strange) {
                const Taken result = taken(kind, {event});
                QVERIFY(result.partial.reply.text.empty());
                QVERIFY(result.partial.reply.usage.input >= 0);
                PartialReply partial;
                (void)takeDocument(kind, event.toStdString(), partial);
            }
        }
    }
};

QTEST_GUILESS_MAIN(WireFormatTest)
#include "tst_wire_format.moc"
