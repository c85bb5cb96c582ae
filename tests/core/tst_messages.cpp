// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/judge/EvaluationJson.h"
#include "core/task/TaskJson.h"
#include "core/worker/MessagesJson.h"
#include "tests/core/Mutation.h"
#include "tests/core/TestEvaluation.h"
#include "tests/core/TestTask.h"

#include <QTest>

#include <algorithm>

using namespace ww;
using nlohmann::json;

namespace {

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

EvaluateRequest testRequest()
{
    EvaluateRequest request;
    request.id = "17";
    request.nonce = "5e1f";
    request.task = testTask();
    request.candidate = {"#31", kTestVariant, {{"BLOCK", 128}, {"VEC", -2}}};
    request.baseline = KernelChoice {"incumbent", kTestReference, {}};
    request.lastStage = "correctness";
    request.workloads = {"odd", "large"};
    request.budgets = {1.5, 2.5, 3.5, 4.5};
    request.seed = UINT64_MAX;
    request.freshRunner = true;
    return request;
}

Capabilities testCapabilities()
{
    Capabilities capabilities;
    capabilities.backend = "opencl";
    capabilities.device = "cpu-haswell";
    capabilities.deviceKind = "cpu";
    capabilities.spec = "opencl:0";
    capabilities.driver = "3.1";
    capabilities.platform = "Portable Computing Language";
    capabilities.host = "node1";
    capabilities.toolchain = "clang 14";
    capabilities.sandbox = "landlock+seccomp";
    capabilities.sandboxNote = "bwrap is not installed";
    capabilities.counters = "none";
    capabilities.computeUnits = 2;
    capabilities.globalCacheBytes = int64_t {32} << 20;
    capabilities.localMemoryBytes = 1 << 19;
    capabilities.maxWorkGroup = 4096;
    capabilities.peaks = {{"copy_gbps", 12.5}};
    capabilities.compilers = 3;
    return capabilities;
}

/// The line without its newline, after checking that it is one line of UTF-8.
template <class Message> std::string lineOf(const Message &message)
{
    std::string line = toLine(message);
    if (line.empty() || line.back() != '\n' || std::count(line.begin(), line.end(), '\n') != 1
        || !isUtf8(line))
        qFatal("not a line: %s", line.c_str());
    line.pop_back();
    return line;
}

template <class Content> Content backFromWorker(const FromWorker &message)
{
    const auto read = parseFromWorker(lineOf(message));
    if (!read || !std::holds_alternative<Content>(*read))
        qFatal("does not read back: %s", lineOf(message).c_str());
    return std::get<Content>(*read);
}

} // namespace

class MessagesTest : public QObject {
    Q_OBJECT

private slots:
    void refusesBadLines_data();
    void refusesBadLines();
    void refusesBrokenEvaluateRequests_data();
    void refusesBrokenEvaluateRequests();
    void readsManySmallObjects();
    void refusesDeepNesting();
    void answersUnknownTypesByDirection();
    void ignoresUnknownFields();
    void evaluateRequestSurvives();
    void optionalPartsOfARequestHaveDefaults();
    void seedsSurvive_data();
    void seedsSurvive();
    void shortRequestsSurvive();
    void admissionsSurvive();
    void capabilitiesSurvive();
    void answersSurvive();
    void textOfStrangersStaysOnOneLine();
    void wireFormIsTheContract();
    void survivesMutatedLines();
};

void MessagesTest::refusesBadLines_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("empty") << QByteArray()
                           << QByteArray("1:1: cannot read the message of the worker protocol: ");
    QTest::newRow("not JSON") << QByteArray("warning: something") << QByteArray("syntax error");
    QTest::newRow("cut") << QByteArray(R"({"v":1,"type":"hel)") << QByteArray("missing closing quote");
    QTest::newRow("two documents") << QByteArray(R"({"v":1,"type":"hello"}{})") << QByteArray("1:23: ");
    QTest::newRow("NUL") << QByteArray("{\"v\":1,\"type\":\"hello\"}\0", 23) << QByteArray("1:23: ");
    QTest::newRow("ill-formed UTF-8")
        << QByteArray("{\"v\":1,\"type\":\"\xFF\"}") << QByteArray("ill-formed UTF-8");
    QTest::newRow("lone surrogate") << QByteArray(R"({"v":1,"type":"\ud800"})") << QByteArray("surrogate");
    QTest::newRow("key twice") << QByteArray(R"({"v":1,"type":"hello","v":1})")
                               << QByteArray("the key 'v' stands twice");
    QTest::newRow("a list") << QByteArray("[]") << QByteArray("the document: must be an object, not a list");
    QTest::newRow("null") << QByteArray("null") << QByteArray("must be an object, not 'null'");
    QTest::newRow("no version") << QByteArray(R"({"type":"hello"})") << QByteArray("the key 'v' is missing");
    QTest::newRow("no type") << QByteArray(R"({"v":1})") << QByteArray("the key 'type' is missing");
    QTest::newRow("version as text") << QByteArray(R"({"v":"1","type":"hello"})")
                                     << QByteArray("v: must be an integer of 32 bits");
    QTest::newRow("later version")
        << QByteArray(R"({"v":2,"type":"hello"})")
        << QByteArray("v: version 2 of the worker protocol; this program speaks version 1");
    QTest::newRow("type of a wrong type")
        << QByteArray(R"({"v":1,"type":7})") << QByteArray("type: must be a string, not '7'");
}

void MessagesTest::refusesBadLines()
{
    QFETCH(const QByteArray, line);
    QFETCH(const QByteArray, message);
    const auto to = parseToWorker(line.toStdString());
    QVERIFY(!to);
    QCOMPARE(to.error().code, ErrorCode::BadInput);
    QVERIFY2(has(to.error().message(), message.toStdString()), to.error().message().c_str());
    const auto from = parseFromWorker(line.toStdString());
    QVERIFY(!from);
    QCOMPARE(from.error().message(), to.error().message());
}

void MessagesTest::refusesBrokenEvaluateRequests_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value"); // empty: removed
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *pointer, const char *value, const char *message) {
        QTest::newRow(message) << QByteArray(pointer) << QByteArray(value) << QByteArray(message);
    };
    row("/id", "", "the key 'id' is missing");
    row("/nonce", "7", "nonce: must be a string, not '7'");
    row("/task", "", "the key 'task' is missing");
    row("/task/inputs/1/dtype", "\"int3\"", "inputs.A.dtype: unknown dtype 'int3'");
    row("/candidate/source", "", "candidate: the key 'source' is missing");
    row("/candidate/parameters/BLOCK", "1.5",
        "candidate.parameters.BLOCK: must be an integer of 64 bits, not '1.5'");
    row("/baseline/source", "[]", "baseline.source: must be a string, not a list");
    row("/workloads", "\"odd\"", "workloads: must be a list");
    row("/workloads/0", "1", "workloads[0]: must be a string, not '1'");
    row("/budgets/timing_s", "-1", "budgets.timing_s: must be a number of seconds, not negative");
    row("/budgets/compile_s", "\"30\"", "budgets.compile_s: must be a number, not");
    row("/seed", "-1", "seed: must be an integer from 0 to 2^64-1, not '-1'");
    row("/seed", "1.0", "seed: must be an integer from 0 to 2^64-1, not '1.0'");
    row("/fresh_runner", "\"yes\"", "fresh_runner: must be true or false");
}

void MessagesTest::refusesBrokenEvaluateRequests()
{
    QFETCH(const QByteArray, pointer);
    QFETCH(const QByteArray, value);
    QFETCH(const QByteArray, message);
    json line = json::parse(toLine(ToWorker(testRequest())));
    const json::json_pointer at(pointer.toStdString());
    QVERIFY(line.contains(at));
    if (value.isEmpty())
        line[at.parent_pointer()].erase(at.back());
    else
        line[at] = json::parse(value.toStdString());
    const auto read = parseToWorker(line.dump());
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::BadInput);
    QVERIFY2(has(read.error().message(), message.toStdString()), read.error().message().c_str());
}

void MessagesTest::readsManySmallObjects()
{
    // A reader that looks at all siblings at the end of each would still be at it when CI gives up.
    std::string line = R"({"v":1,"type":"hello","x":[{})";
    for (int i = 0; i < 300'000; ++i)
        line += ",{}";
    line += "]}";
    QVERIFY(parseToWorker(line));
    std::string keys = R"({"v":1,"type":"hello","x":{"k":0)";
    for (int i = 0; i < 300'000; ++i)
        keys += ",\"" + std::to_string(i) + "\":0";
    keys += "}}";
    const auto read = parseToWorker(keys);
    QVERIFY(!read);
    QVERIFY(has(read.error().message(), "more than 1000 keys"));
}

void MessagesTest::refusesDeepNesting()
{
    for (const char *piece : {"[", "{\"a\":"}) {
        std::string deep = R"({"v":1,"type":"hello","x":)";
        for (int i = 0; i < 2'000'000; ++i)
            deep += piece;
        const auto read = parseToWorker(deep);
        QVERIFY(!read);
        QVERIFY(has(read.error().message(), "nested deeper than 64 levels"));
    }
}

void MessagesTest::answersUnknownTypesByDirection()
{
    const auto to = parseToWorker(R"({"v":1,"type":"profile","id":"3"})");
    QVERIFY(to && std::holds_alternative<UnknownRequest>(*to));
    QCOMPARE(std::get<UnknownRequest>(*to).type, std::string("profile"));
    const auto from = parseFromWorker(R"({"v":1,"type":"counters","id":"3"})");
    QVERIFY(!from);
    QCOMPARE(from.error().code, ErrorCode::Unsupported);
    QVERIFY(has(from.error().message(), "unknown type 'counters'"));
    // Each direction knows its own messages only.
    QVERIFY(std::holds_alternative<UnknownRequest>(*parseToWorker(lineOf(FromWorker(HeartbeatMessage {})))));
    QVERIFY(!parseFromWorker(lineOf(ToWorker(HelloRequest {}))));
}

void MessagesTest::ignoresUnknownFields()
{
    json line = json::parse(toLine(ToWorker(testRequest())));
    line["priority"] = 3;
    line["candidate"]["title"] = "x";
    line["budgets"]["profile_s"] = 3;
    const auto read = parseToWorker(line.dump());
    QVERIFY2(read, read ? "" : read.error().message().c_str());
    QCOMPARE(toLine(*read), toLine(ToWorker(testRequest())));
}

void MessagesTest::evaluateRequestSurvives()
{
    const EvaluateRequest wrote = testRequest();
    const auto message = parseToWorker(lineOf(ToWorker(wrote)));
    QVERIFY2(message, message ? "" : message.error().message().c_str());
    QVERIFY(std::holds_alternative<EvaluateRequest>(*message));
    const auto &read = std::get<EvaluateRequest>(*message);
    QCOMPARE(read.id, wrote.id);
    QCOMPARE(read.nonce, wrote.nonce);
    QVERIFY(taskToJson(read.task) == taskToJson(wrote.task));
    QCOMPARE(read.task.hash, wrote.task.hash);
    QCOMPARE(read.candidate.name, wrote.candidate.name);
    QCOMPARE(read.candidate.source, wrote.candidate.source);
    QCOMPARE(read.candidate.parameters, wrote.candidate.parameters);
    QVERIFY(read.baseline.has_value());
    QCOMPARE(read.baseline->name, std::string("incumbent"));
    QCOMPARE(read.baseline->source, kTestReference);
    QCOMPARE(read.lastStage, wrote.lastStage);
    QCOMPARE(read.workloads, wrote.workloads);
    QVERIFY(read.budgets.compileSeconds == 1.5 && read.budgets.smokeSeconds == 2.5);
    QVERIFY(read.budgets.correctnessSeconds == 3.5 && read.budgets.timingSeconds == 4.5);
    QCOMPARE(read.seed, UINT64_MAX);
    QVERIFY(read.freshRunner);
}

void MessagesTest::optionalPartsOfARequestHaveDefaults()
{
    json line = json::parse(toLine(ToWorker(testRequest())));
    for (const char *key : {"baseline", "last_stage", "workloads", "budgets", "seed", "fresh_runner"})
        line.erase(key);
    const auto message = parseToWorker(line.dump());
    QVERIFY(message);
    const auto &read = std::get<EvaluateRequest>(*message);
    const EvaluateRequest defaults;
    QVERIFY(!read.baseline && read.lastStage.empty() && read.workloads.empty() && !read.freshRunner);
    QCOMPARE(read.seed, defaults.seed);
    QCOMPARE(read.budgets.timingSeconds, defaults.budgets.timingSeconds);
}

void MessagesTest::seedsSurvive_data()
{
    QTest::addColumn<quint64>("seed");
    QTest::newRow("0") << quint64 {0};
    QTest::newRow("2^53+1") << ((quint64 {1} << 53) + 1);
    QTest::newRow("2^63") << (quint64 {1} << 63);
    QTest::newRow("2^64-1") << quint64 {UINT64_MAX};
}

void MessagesTest::seedsSurvive()
{
    QFETCH(const quint64, seed);
    EvaluateRequest request = testRequest();
    request.seed = seed;
    const auto message = parseToWorker(lineOf(ToWorker(request)));
    QVERIFY(message);
    QCOMPARE(static_cast<quint64>(std::get<EvaluateRequest>(*message).seed), seed);
}

void MessagesTest::shortRequestsSurvive()
{
    QVERIFY(std::holds_alternative<HelloRequest>(*parseToWorker(lineOf(ToWorker(HelloRequest {})))));
    QVERIFY(std::holds_alternative<ShutdownRequest>(*parseToWorker(lineOf(ToWorker(ShutdownRequest {})))));
    const ToWorker told = PrepareRequest {testRequest()};
    const auto prepare = parseToWorker(lineOf(told));
    QVERIFY(prepare && std::holds_alternative<PrepareRequest>(*prepare));
    QCOMPARE(toLine(*prepare), toLine(told));
    const auto cancel = parseToWorker(lineOf(ToWorker(CancelRequest {"9"})));
    QCOMPARE(std::get<CancelRequest>(*cancel).id, std::string("9"));
    QVERIFY(!parseToWorker(R"({"v":1,"type":"cancel"})"));
    const auto unknown = parseToWorker(lineOf(ToWorker(UnknownRequest {"profile"})));
    QCOMPARE(std::get<UnknownRequest>(*unknown).type, std::string("profile"));
}

void MessagesTest::admissionsSurvive()
{
    AdmitRequest request {"9", "5e1f", testTask(), {1, 2, 3, 4}, 77, 12.5};
    const auto sent = parseToWorker(lineOf(ToWorker(request)));
    QVERIFY2(sent.has_value(), sent ? "" : sent.error().message().c_str());
    const auto *read = std::get_if<AdmitRequest>(&*sent);
    QVERIFY(read);
    QCOMPARE(read->id, request.id);
    QCOMPARE(read->nonce, request.nonce);
    QCOMPARE(read->task.hash, request.task.hash);
    QCOMPARE(read->budgets.timingSeconds, 4.0);
    QCOMPARE(read->seed, uint64_t {77});
    QCOMPARE(read->mutantSeconds, 12.5);
    request.mutantSeconds = -1;
    const auto refused = parseToWorker(lineOf(ToWorker(request)));
    QVERIFY(!refused);
    QVERIFY2(has(refused.error().message(), "mutant_s"), refused.error().message().c_str());

    AdmissionMessage answer {"9", "5e1f", {}};
    answer.report.mutants = {{"zeros", "rejected", "odd", "exact"}};
    const auto received = parseFromWorker(lineOf(FromWorker(answer)));
    QVERIFY2(received.has_value(), received ? "" : received.error().message().c_str());
    const auto *admission = std::get_if<AdmissionMessage>(&*received);
    QVERIFY(admission);
    QCOMPARE(admission->nonce, answer.nonce);
    QCOMPARE(admission->report.mutants.at(0).set, std::string("exact"));
}

void MessagesTest::capabilitiesSurvive()
{
    const Capabilities wrote = testCapabilities();
    const auto read = backFromWorker<Capabilities>(wrote);
    QCOMPARE(read.backend, wrote.backend);
    QCOMPARE(read.device, wrote.device);
    QCOMPARE(read.deviceKind, wrote.deviceKind);
    QCOMPARE(read.spec, wrote.spec);
    QCOMPARE(read.driver, wrote.driver);
    QCOMPARE(read.platform, wrote.platform);
    QCOMPARE(read.host, wrote.host);
    QCOMPARE(read.toolchain, wrote.toolchain);
    QCOMPARE(read.sandbox, wrote.sandbox);
    QCOMPARE(read.sandboxNote, wrote.sandboxNote);
    QCOMPARE(read.counters, wrote.counters);
    QCOMPARE(read.computeUnits, wrote.computeUnits);
    QCOMPARE(read.globalCacheBytes, wrote.globalCacheBytes);
    QCOMPARE(read.localMemoryBytes, wrote.localMemoryBytes);
    QCOMPARE(read.maxWorkGroup, wrote.maxWorkGroup);
    QCOMPARE(read.peaks, wrote.peaks);
    QCOMPARE(read.compilers, wrote.compilers);
    // A worker must say what holds it in.
    json line = json::parse(toLine(FromWorker(wrote)));
    line.erase("sandbox");
    const auto silent = parseFromWorker(line.dump());
    QVERIFY(!silent);
    QVERIFY(has(silent.error().message(), "the key 'sandbox' is missing"));
}

void MessagesTest::answersSurvive()
{
    const auto stage = backFromWorker<StageMessage>(StageMessage {"4", {"compile", "ok", 12.5, "warm"}});
    QCOMPARE(stage.id, std::string("4"));
    QCOMPARE(stage.stage.name, std::string("compile"));
    QCOMPARE(stage.stage.status, std::string("ok"));
    QCOMPARE(stage.stage.ms, 12.5);
    QCOMPARE(stage.stage.detail, std::string("warm"));

    const auto samples =
        backFromWorker<SamplesMessage>(SamplesMessage {"4", "large", {1.5f, 0.1f, 1e-7f}, true});
    QCOMPARE(samples.id, std::string("4"));
    QCOMPARE(samples.workload, std::string("large"));
    QCOMPARE(samples.us, (std::vector<float> {1.5f, 0.1f, 1e-7f}));
    QVERIFY(samples.baseline);

    const auto result = backFromWorker<ResultMessage>(ResultMessage {"4", "5e1f", testEvaluation()});
    QCOMPARE(result.id, std::string("4"));
    QCOMPARE(result.nonce, std::string("5e1f"));
    QVERIFY(evaluationToJson(result.evaluation) == evaluationToJson(testEvaluation()));

    const auto error = backFromWorker<ErrorMessage>(ErrorMessage {"4", "bad_input", "no such workload"});
    QCOMPARE(error.id, std::string("4"));
    QCOMPARE(error.code, std::string("bad_input"));
    QCOMPARE(error.message, std::string("no such workload"));
    const auto nameless = parseFromWorker(R"({"v":1,"type":"error","code":"io","message":"m"})");
    QVERIFY(nameless && std::get<ErrorMessage>(*nameless).id.empty());

    backFromWorker<HeartbeatMessage>(HeartbeatMessage {});
}

void MessagesTest::textOfStrangersStaysOnOneLine()
{
    const std::string bad =
        std::string("a\nb\r\n\"c\"\\ \xFF\xC3( ") + '\0' + "\xE2\x80\xA8 \xF0\x9F\x98\x80";
    EvaluateRequest request = testRequest();
    request.candidate = {bad, bad, {{bad, 1}}};
    request.id = request.nonce = bad;
    const auto message = parseToWorker(lineOf(ToWorker(request)));
    QVERIFY2(message, message ? "" : message.error().message().c_str());
    QCOMPARE(std::get<EvaluateRequest>(*message).candidate.source, toValidUtf8(bad));

    QCOMPARE(backFromWorker<ErrorMessage>(ErrorMessage {bad, bad, bad}).message, toValidUtf8(bad));
    QCOMPARE(backFromWorker<StageMessage>(StageMessage {bad, {bad, bad, 1, bad}}).stage.detail,
             toValidUtf8(bad));
    Evaluation evaluation;
    evaluation.buildLog = bad;
    QCOMPARE(backFromWorker<ResultMessage>(ResultMessage {bad, bad, evaluation}).evaluation.buildLog,
             toValidUtf8(bad));
    Capabilities capabilities = testCapabilities();
    capabilities.device = bad;
    capabilities.peaks = {{bad, 1}};
    QCOMPARE(backFromWorker<Capabilities>(capabilities).device, toValidUtf8(bad));
}

void MessagesTest::wireFormIsTheContract()
{
    QCOMPARE(lineOf(ToWorker(HelloRequest {})), std::string(R"({"type":"hello","v":1})"));
    QCOMPARE(lineOf(ToWorker(CancelRequest {"3"})), std::string(R"({"id":"3","type":"cancel","v":1})"));
    QCOMPARE(lineOf(ToWorker(ShutdownRequest {})), std::string(R"({"type":"shutdown","v":1})"));
    QCOMPARE(lineOf(FromWorker(HeartbeatMessage {})), std::string(R"({"type":"heartbeat","v":1})"));
    QCOMPARE(
        lineOf(FromWorker(StageMessage {"3", {"smoke", "ok", 1.5, ""}})),
        std::string(R"({"detail":"","id":"3","ms":1.5,"stage":"smoke","status":"ok","type":"stage","v":1})"));
}

void MessagesTest::survivesMutatedLines()
{
    const std::vector<std::string> lines {
        lineOf(ToWorker(testRequest())),
        lineOf(FromWorker(testCapabilities())),
        lineOf(FromWorker(ResultMessage {"4", "5e1f", testEvaluation()})),
        lineOf(FromWorker(StageMessage {"4", {"compile", "ok", 12.5, "warm"}})),
        lineOf(FromWorker(SamplesMessage {"4", "large", {1.5f, 2.5f}, false})),
        lineOf(ToWorker(CancelRequest {"4"}))};
    const std::vector<std::string> dictionary {"{",         "}",
                                               "[",         "]",
                                               ",",         ":",
                                               "\"",        "null",
                                               "-1",        "1e400",
                                               "\"v\":2",   "\"type\":\"result\"",
                                               "\"hello\"", "18446744073709551616",
                                               "[[[[[[",    "\\ud800",
                                               "\xFF",      std::string(1, '\0'),
                                               "evaluate",  "samples",
                                               "{}"};
    RandomStream random(2026, 9);
    int good = 0;
    for (int i = 0; i < fuzzRounds(); ++i) {
        const std::string line = mutated(lines[static_cast<size_t>(i) % lines.size()], dictionary, random);
        const auto to = parseToWorker(line);
        if (to)
            QVERIFY2(parseToWorker(lineOf(*to)), line.c_str());
        else
            QVERIFY2(isUtf8(to.error().message()) && !to.error().why.empty(), line.c_str());
        const auto from = parseFromWorker(line);
        if (from)
            QVERIFY2(parseFromWorker(lineOf(*from)), line.c_str());
        else
            QVERIFY2(isUtf8(from.error().message()) && !from.error().why.empty(), line.c_str());
        good += to || from ? 1 : 0;
    }
    QVERIFY(good > fuzzRounds() / 50);
}

QTEST_APPLESS_MAIN(MessagesTest)
#include "tst_messages.moc"
