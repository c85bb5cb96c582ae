// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ModelClient.h"

#include "tests/core/LoopbackServer.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include <dlfcn.h>
#include <netdb.h>

using namespace ww;
using Kind = ModelFault::Kind;

namespace {

const std::string kEvents = "text/event-stream; charset=utf-8";

std::string piece(const std::string &text)
{
    return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}

const std::string kEnd = "data: "
                         "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
                         "tokens\":7,\"completion_tokens\":2}}\n\n"
                         "data: [DONE]\n\n";

ModelClientOptions optionsFor(const std::string &url)
{
    ModelClientOptions options;
    options.endpoint.url = url;
    options.firstBackoffSeconds = 0.01;
    options.connectSeconds = 2;
    return options;
}

ModelRequest question()
{
    ModelRequest request;
    request.model = "m";
    request.turns = {{ModelTurn::Speaker::User, "?"}};
    return request;
}

using Answer = tl::expected<ModelReply, ModelFault>;

/// One call in the background.
struct Asked {
    ModelClient::Ticket ticket = 0;
    std::future<Answer> answer;
};

Asked ask(ModelClient &client, ModelListener listener = {})
{
    const auto promise = std::make_shared<std::promise<Answer>>();
    Asked asked;
    asked.answer = promise->get_future();
    listener.onDone = [promise](Answer answer) { promise->set_value(std::move(answer)); };
    asked.ticket = client.ask(question(), std::move(listener));
    return asked;
}

QByteArray kindOf(const Answer &answer)
{
    return answer ? "answered" : toString(answer.error().kind);
}

const std::string kUnanswered = "nobody-answers.invalid";

/// The part of a name server that does not answer.
struct NameServer {
    std::atomic<bool> isAsked = false;
    std::atomic<bool> answers = false;
};

NameServer &nameServer()
{
    static NameServer server;
    return server;
}

} // namespace

/// Stands in the place of the system's function for this program: no real name server can be made to be
/// silent.
extern "C" int getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result)
{
    if (node && node == kUnanswered) {
        nameServer().isAsked = true;
        while (!nameServer().answers)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        nameServer().isAsked = false;
        return EAI_AGAIN;
    }
    static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, result);
}

class ModelClientTest : public QObject {
    Q_OBJECT

private slots:
    void aRefusedWordIsSaidOtherwise_data()
    {
        QTest::addColumn<QByteArray>("refuses"); // a request that holds this
        QTest::addColumn<QByteArray>("saying");
        QTest::newRow("token limit")
            << QByteArray("\"max_tokens\"")
            << QByteArray("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.");
        QTest::newRow("temperature") << QByteArray("\"temperature\"")
                                     << QByteArray("Unsupported value: 'temperature' does not support 0.5");
        QTest::newRow("schema") << QByteArray("\"response_format\"")
                                << QByteArray("response_format json_schema is not supported");
    }
    void aRefusedWordIsSaidOtherwise()
    {
        QFETCH(QByteArray, refuses);
        QFETCH(QByteArray, saying);
        const LoopbackServer server([&](const Connection &connection, int, const std::string &request) {
            if (request.find(refuses.toStdString()) != std::string::npos)
                connection.send(answerHead(400, "application/json") + "{\"error\": {\"message\": \""
                                + saying.toStdString() + "\"}}");
            else
                connection.send(answerHead(200, kEvents) + piece("x") + kEnd);
        });
        ModelClient client(optionsFor(server.url()));
        ModelRequest request = question();
        request.temperature = 0.5;
        request.jsonSchema = "{\"type\": \"object\"}";
        for (const size_t requests : {size_t(2), size_t(3)}) { // what was learned is not asked for again
            const Answer answer = client.askAndWait(request);
            QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
            QCOMPARE(server.requests().size(), requests);
        }
    }

    void aRefusalThatStaysEndsTheCall()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(400, "application/json")
                            + R"({"error": {"message": "max_completion_tokens, temperature: both wrong"}})");
        });
        ModelClient client(optionsFor(server.url()));
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("bad_request"));
        QCOMPARE(server.requests().size(), size_t(2));
    }

    void streamsAnAnswerInOddPieces()
    {
        const std::string body =
            piece("f\xC3\xB6") + ": keep-alive\r\n\r\n" + piece("ur \xE2\x82\xAC") + kEnd;
        const LoopbackServer server([&](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(200, kEvents));
            for (const char byte : body) // in pieces that split characters, fields and line ends
                connection.send({&byte, 1});
        });
        ModelClient client(optionsFor(server.url()));
        std::string streamed;
        ModelListener listener;
        listener.onText = [&streamed](const std::string &text) { streamed += text; };
        const Answer answer = client.askAndWait(question(), listener);
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->text, std::string("f\xC3\xB6ur \xE2\x82\xAC"));
        QCOMPARE(streamed, answer->text);
        QCOMPARE(answer->usage.input, int64_t {7});
        QCOMPARE(answer->attempts, 1);
        QVERIFY(answer->firstTextSeconds > 0 && answer->seconds >= answer->firstTextSeconds);
        QVERIFY(server.requests().front().starts_with("POST /chat/completions HTTP/1.1\r\n"));
    }

    void endsAsTheEndpointDeserves_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("end");
        QTest::addColumn<int>("requests");
        const auto row = [](const char *name, const std::string &head, const std::string &body,
                            const char *end, int requests) {
            QTest::newRow(name) << QByteArray::fromStdString(head) << QByteArray::fromStdString(body)
                                << QByteArray(end) << requests;
        };
        const std::string json = "application/json";
        row("no [DONE]", answerHead(200, kEvents), piece("x") + kEnd.substr(0, kEnd.find("data: [DONE]")),
            "answered", 1);
        row("one document", answerHead(200, json),
            R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]})", "answered", 1);
        row("cut off", answerHead(200, kEvents), piece("x"), "truncated", 1);
        row("nothing at all", answerHead(200, kEvents), "", "truncated", 1);
        row("no HTTP", "hello", "", "truncated", 1);
        row("a web page", answerHead(200, "text/html"), "<html>", "malformed", 1);
        row("no content type", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "x", "malformed", 1);
        row("not JSON", answerHead(200, kEvents), "data: {\"choices\": [\n\n", "malformed", 1);
        row("a document of another format", answerHead(200, json), "{\"x\": 1}", "malformed", 1);
        row("a document cut off", answerHead(200, json), "{\"choices\": [", "malformed", 1);
        row("a fault in the stream", answerHead(200, kEvents),
            piece("x") + "data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "overloaded", 1);
        row("an event without end", answerHead(200, kEvents), "data: " + std::string(5u << 20, 'x'),
            "too_long", 1);
        row("400", answerHead(400, json), R"({"error":{"message":"bad"}})", "bad_request", 1);
        row("401", answerHead(401, json), R"({"error":{"message":"key"}})", "refused", 1);
        row("404", answerHead(404, "text/plain"), "no", "not_found", 1);
        row("429 that never ends", answerHead(429, json), "{}", "rate_limited", 3);
        row("429 for money", answerHead(429, json), R"({"error":{"code":"insufficient_quota"}})", "quota", 1);
        row("500", answerHead(500, "text/html"), "<html>", "overloaded", 3);
        row("529", answerHead(529, json), "{}", "overloaded", 3);
        row("redirection", answerHead(302, json, "Location: http://127.0.0.1:9/\r\n"), "", "not_found", 1);
        row("asks to wait an hour", answerHead(429, json, "Retry-After: 3600\r\n"), "{}", "rate_limited", 1);
    }
    void endsAsTheEndpointDeserves()
    {
        QFETCH(const QByteArray, head);
        QFETCH(const QByteArray, body);
        QFETCH(const QByteArray, end);
        QFETCH(const int, requests);
        const LoopbackServer server([&](const Connection &connection, int, const std::string &) {
            connection.send({head.constData(), static_cast<size_t>(head.size())});
            connection.send({body.constData(), static_cast<size_t>(body.size())});
        });
        ModelClient client(optionsFor(server.url()));
        const Answer answer = client.askAndWait(question());
        QCOMPARE(kindOf(answer), end);
        QCOMPARE(static_cast<int>(server.requests().size()), requests);
        if (!answer)
            QVERIFY(!errorOf(answer.error()).message().empty());
    }

    void triesAgainWhereThatMayHelp_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<double>("least"); // seconds
        QTest::newRow("429") << QByteArray::fromStdString(answerHead(429, "application/json")) << 0.0;
        QTest::newRow("Retry-After") << QByteArray::fromStdString(
            answerHead(429, "application/json", "Retry-After: 1\r\n"))
                                     << 0.95;
        QTest::newRow("retry-after-ms")
            << QByteArray::fromStdString(answerHead(503, "text/plain", "retry-after-ms: 300\r\n")) << 0.28;
        for (const char *nonsense : {"-1e300", "-inf", "inf", "nan", "soon"})
            QTest::newRow(nonsense) << QByteArray::fromStdString(
                answerHead(503, "text/plain", std::string("retry-after-ms: ") + nonsense + "\r\n"))
                                    << 0.0;
        QTest::newRow("500") << QByteArray::fromStdString(answerHead(500, "text/plain")) << 0.0;
        QTest::newRow("408") << QByteArray::fromStdString(answerHead(408, "text/plain")) << 0.0;
    }
    void triesAgainWhereThatMayHelp()
    {
        QFETCH(const QByteArray, first);
        QFETCH(const double, least);
        const LoopbackServer server([&](const Connection &connection, int number, const std::string &) {
            connection.send(number == 0 ? first.toStdString() : answerHead(200, kEvents) + piece("x") + kEnd);
        });
        ModelClient client(optionsFor(server.url()));
        double waited = -1;
        ModelListener listener;
        listener.onRetry = [&waited](const ModelFault &, double wait) { waited = wait; };
        QElapsedTimer timer;
        timer.start();
        const Answer answer = client.askAndWait(question(), listener);
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->attempts, 2);
        QVERIFY(waited >= least);
        QVERIFY(static_cast<double>(timer.elapsed()) / 1000 >= least);
    }

    void aNameServerThatDoesNotAnswerHoldsUpNobody()
    {
        ModelClient client(optionsFor("http://" + kUnanswered));
        Asked lost = ask(client);
        QTRY_VERIFY(nameServer().isAsked);
        client.cancel(lost.ticket);
        const bool isBack = lost.answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready;
        nameServer().answers = true;
        QVERIFY(isBack);
        QCOMPARE(kindOf(lost.answer.get()), QByteArray("cancelled"));
        QTRY_VERIFY(!nameServer().isAsked);
    }

    void doesNotPayTwiceForAnAnswerThatHadBegun()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(200, kEvents) + piece("x"));
            connection.reset();
        });
        ModelClient client(optionsFor(server.url()));
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("truncated"));
        QCOMPARE(server.requests().size(), size_t {1});
    }

    void givesUpOnSilence()
    {
        const LoopbackServer server(
            [](const Connection &connection, int, const std::string &) { (void)connection.pause(30); });
        ModelClientOptions options = optionsFor(server.url());
        options.silenceSeconds = 0.3;
        ModelClient client(options);
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("timeout"));
        QCOMPARE(server.requests().size(), size_t {1});
    }

    void givesUpOnAStreamThatNeverEnds()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(200, kEvents));
            const std::string more = piece(std::string(60000, 'x'));
            while (connection.send(more)) { }
        });
        ModelClientOptions options = optionsFor(server.url());
        options.maxBytes = 1u << 20;
        ModelClient client(options);
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("too_long"));
    }

    void saysWhenNobodyListens()
    {
        std::string url;
        {
            const LoopbackServer gone([](const Connection &, int, const std::string &) {});
            url = gone.url();
        }
        ModelClient client(optionsFor(url));
        const Answer answer = client.askAndWait(question());
        QCOMPARE(kindOf(answer), QByteArray("unreachable"));
        QVERIFY(errorOf(answer.error()).remedy.find("server runs") != std::string::npos);
    }

    void cancelsQuickly_data()
    {
        QTest::addColumn<bool>("midStream");
        QTest::newRow("before the first byte") << false;
        QTest::newRow("within the stream") << true;
    }
    void cancelsQuickly()
    {
        QFETCH(const bool, midStream);
        std::promise<void> reached;
        const LoopbackServer server([&](const Connection &connection, int, const std::string &) {
            if (midStream)
                connection.send(answerHead(200, kEvents) + piece("x"));
            else
                reached.set_value();
            (void)connection.pause(30);
        });
        ModelClient client(optionsFor(server.url()));
        ModelListener listener;
        listener.onText = [&reached](const std::string &) { reached.set_value(); };
        Asked asked = ask(client, listener);
        reached.get_future().wait();
        client.cancel(asked.ticket);
        // 200 ms is the promise; what is asserted is only that nothing waits for the server's 30 s.
        QVERIFY(asked.answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
        QCOMPARE(kindOf(asked.answer.get()), QByteArray("cancelled"));
    }

    void cancelsWhatWaitsToBeTriedAgain()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(429, "application/json", "Retry-After: 50\r\n"));
        });
        ModelClient client(optionsFor(server.url()));
        std::promise<void> waits;
        ModelListener listener;
        listener.onRetry = [&waits](const ModelFault &, double) { waits.set_value(); };
        Asked asked = ask(client, listener);
        waits.get_future().wait();
        client.cancel(asked.ticket);
        QVERIFY(asked.answer.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
        QCOMPARE(kindOf(asked.answer.get()), QByteArray("cancelled"));
    }

    void keepsToItsConcurrency()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            (void)connection.pause(0.05);
            connection.send(answerHead(200, kEvents) + piece("x") + kEnd);
        });
        ModelClientOptions options = optionsFor(server.url());
        options.concurrency = 3;
        ModelClient client(options);
        std::vector<Asked> asked;
        for (int i = 0; i < 12; ++i)
            asked.push_back(ask(client));
        for (Asked &each : asked)
            QCOMPARE(kindOf(each.answer.get()), QByteArray("answered"));
        QVERIFY2(server.mostAtOnce() <= 3 && server.mostAtOnce() >= 2,
                 qPrintable(QString::number(server.mostAtOnce())));
    }

    void stopsAskingARefusingEndpointUntilToldToGoOn()
    {
        std::atomic<bool> paid {false};
        const LoopbackServer server([&](const Connection &connection, int, const std::string &) {
            connection.send(paid
                                ? answerHead(200, kEvents) + piece("x") + kEnd
                                : answerHead(401, "application/json") + R"({"error":{"message":"bad key"}})");
        });
        ModelClient client(optionsFor(server.url()));
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("refused"));
        QVERIFY(client.stopped());
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("paused"));
        QVERIFY(client.stopped()->message.find("bad key") != std::string::npos);
        QCOMPARE(server.requests().size(), size_t {1});
        paid = true;
        client.goOn();
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("answered"));
    }

    void stopsAskingAnEndpointThatKeepsFailing()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &) {
            connection.send(answerHead(503, "text/plain") + "down");
        });
        ModelClientOptions options = optionsFor(server.url());
        options.retries = 0;
        ModelClient client(options);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("overloaded"));
        QCOMPARE(kindOf(client.askAndWait(question())), QByteArray("paused"));
        QCOMPARE(server.requests().size(), size_t {5});
    }

    void endsEveryCallWhenItGoes()
    {
        const LoopbackServer server(
            [](const Connection &connection, int, const std::string &) { (void)connection.pause(30); });
        std::vector<Asked> asked;
        {
            ModelClientOptions options = optionsFor(server.url());
            options.concurrency = 2;
            ModelClient client(options);
            for (int i = 0; i < 5; ++i)
                asked.push_back(ask(client));
        }
        for (Asked &each : asked) {
            QVERIFY(each.answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
            QCOMPARE(kindOf(each.answer.get()), QByteArray("cancelled"));
        }
    }

    void neverShowsTheKey()
    {
        const LoopbackServer server([](const Connection &connection, int, const std::string &request) {
            QVERIFY(request.find("Authorization: Bearer sk-secret-1") != std::string::npos);
            connection.send(answerHead(400, "application/json")
                            + R"({"error":{"message":"the key sk-secret-1 is not known"}})");
        });
        ModelClientOptions options = optionsFor(server.url());
        options.key.secret = "sk-secret-1";
        ModelClient client(options);
        const Answer answer = client.askAndWait(question());
        QVERIFY(!answer);
        QCOMPARE(answer.error().message, std::string("the key [key] is not known"));
    }

    void refusesEndpointsThatWouldLeak_data()
    {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("allowHttp");
        QTest::addColumn<QByteArray>("normal"); // empty: refused
        const auto row = [](const char *url, bool allowHttp, const char *normal) {
            QTest::addRow("%s %d", url, allowHttp) << QByteArray(url) << allowHttp << QByteArray(normal);
        };
        row("https://api.example.com/v1/", false, "https://api.example.com/v1");
        row("http://127.0.0.1:8080/v1", false, "http://127.0.0.1:8080/v1");
        row("http://localhost:1", false, "http://localhost:1");
        row("http://[::1]:8080", false, "http://[::1]:8080");
        row("http://gpu-server:8000/v1", false, "");
        row("http://gpu-server:8000/v1", true, "http://gpu-server:8000/v1");
        row("http://127.0.0.1.example.com/", false, "");
        row("http://localhost.example.com/", false, "");
        row("https://user:key@example.com", false, "");
        row("https://example.com/?key=1", false, "");
        row("https://example.com/#k", false, "");
        row("ftp://example.com", false, "");
        row("file:///etc/passwd", false, "");
        row("example.com/v1", false, "");
        row("", false, "");
        row("https://", false, "");
    }
    void refusesEndpointsThatWouldLeak()
    {
        QFETCH(const QByteArray, url);
        QFETCH(const bool, allowHttp);
        QFETCH(const QByteArray, normal);
        Endpoint endpoint;
        endpoint.url = url.toStdString();
        endpoint.allowPlainHttp = allowHttp;
        const Result<Endpoint> checked = checkedEndpoint(endpoint);
        QCOMPARE(checked ? QByteArray::fromStdString(checked->url) : QByteArray(), normal);
        if (!checked) {
            QVERIFY(!checked.error().remedy.empty());
            QVERIFY(checked.error().message().find("key@") == std::string::npos);
        }
    }

    void readsKeysFromTheEnvironmentAlone()
    {
        Endpoint endpoint;
        QCOMPARE(keyOf(endpoint)->secret, std::string());
        endpoint.keyVariable = "WARPWRIGHT_TEST_KEY";
        QCOMPARE(keyOf(endpoint).error().code, ErrorCode::NotFound);
        ::setenv("WARPWRIGHT_TEST_KEY", "sk-1", 1);
        QCOMPARE(keyOf(endpoint)->secret, std::string("sk-1"));
        for (const char *bad : {"sk 1", "sk-1\n", "sk-1\r\nX-Other: 1", "sk-\xC3\xA4"}) {
            ::setenv("WARPWRIGHT_TEST_KEY", bad, 1);
            const Result<ModelKey> key = keyOf(endpoint);
            QVERIFY(!key);
            QCOMPARE(key.error().code, ErrorCode::BadInput);
            QVERIFY(key.error().message().find("sk") == std::string::npos);
        }
        ::unsetenv("WARPWRIGHT_TEST_KEY");
    }
};

QTEST_GUILESS_MAIN(ModelClientTest)
#include "tst_model_client.moc"
