// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/journal/Gzip.h"
#include "core/journal/Import.h"
#include "tests/core/Mutation.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>
#include <zlib.h>

using namespace ww;
using Json = nlohmann::json;

namespace {

/// A step as the files have it.
Json stepJson(int number, const Json &parent, const char *createdBy, Json score, const char *error = nullptr)
{
    Json context = Json::array();
    if (number > 1)
        context.push_back(number - 1);
    return {{"step", number},
            {"node_id", number},
            {"parent_node_id", parent},
            {"context_node_ids", context},
            {"depth", 1},
            {"created_by", createdBy},
            {"visits", 1},
            {"total_reward", 0.05},
            {"max_reward", 0.05},
            {"avg_reward", 0.05},
            {"score", std::move(score)},
            {"runtime_us", error ? -1.0 : 2.5},
            {"baseline_time_us", error ? Json(nullptr) : Json(7.5)},
            {"hardware", "a device"},
            {"global_best_node_id", 0},
            {"global_best_fast_p", 0},
            {"error", error ? Json(error) : Json(nullptr)},
            {"code", "print('kernel')"},
            {"prompt", ""}};
}

Json score(bool compiled, bool correct, double speedup)
{
    return {{"compiled", compiled}, {"correct", correct}, {"fast_p", speedup}};
}

/// A run of one large and one small step.
Json smallRun()
{
    return {{"label", "small"},
            {"run_dir", "experiments/2_29"},
            {"total_steps", 2},
            {"reference_src", "def reference(): pass"},
            {"steps",
             {stepJson(0, nullptr, "dummy_root", score(false, false, 0), "compile failed"),
              stepJson(1, 0, "large_step", score(true, true, 3)),
              stepJson(2, 1, "small_step", score(true, true, 2))}}};
}

std::string gzipped(const std::string &text)
{
    z_stream stream {};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

/// A gzip file whose content is that many spaces.
std::string gzipOfSpaces(size_t count)
{
    z_stream stream {};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    const std::string spaces(1 << 20, ' ');
    std::string packed;
    std::string chunk(1 << 16, '\0');
    for (size_t done = 0; done <= count; done += spaces.size()) {
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(spaces.data()));
        stream.avail_in = static_cast<uInt>(spaces.size());
        do {
            stream.next_out = reinterpret_cast<Bytef *>(chunk.data());
            stream.avail_out = static_cast<uInt>(chunk.size());
            deflate(&stream, done + spaces.size() > count ? Z_FINISH : Z_NO_FLUSH);
            packed.append(chunk, 0, chunk.size() - stream.avail_out);
        } while (stream.avail_out == 0);
    }
    deflateEnd(&stream);
    return packed;
}

} // namespace

class TestImport : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void brokenRunsAreRefused_data();
    void brokenRunsAreRefused();
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void mutatedRunsNeverCrash();
    void aMillionStepsAreRefused();
    void aSessionThatExistsIsKept();

    void aRunBecomesASession_data();
    void aRunBecomesASession();
    void stagesComeFromErrorTexts_data();
    void stagesComeFromErrorTexts();
    void millisecondsBecomeMicroseconds();
    void whatTheSourceScoredIsKept();
    void gapsInNodeNumbersAreClosed();
    void theSessionIsMarkedAsARecording();
    void gunzipGivesTheContentBack();

private:
    std::string path(const char *name) const
    {
        return m_folder->filePath(QString::fromUtf8(name)).toStdString();
    }
    std::string written(const std::string &bytes) const
    {
        QFile file(QString::fromStdString(path("run.json")));
        if (!file.open(QIODevice::WriteOnly)
            || file.write(bytes.data(), qint64(bytes.size())) != qint64(bytes.size()))
            qFatal("cannot write the test's file");
        return path("run.json");
    }
    Result<Session> imported(const std::string &bytes) const
    {
        WW_TRY(const ImportReport report, importAdaExplore(written(bytes), path("s.wwsession")));
        WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(path("s.wwsession")));
        return journal->load();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestImport::brokenRunsAreRefused_data()
{
    QTest::addColumn<QByteArray>("pointer"); ///< what of the small run is replaced
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("words");
    const auto row = [](const char *name, const char *pointer, const char *value, const char *words) {
        QTest::newRow(name) << QByteArray(pointer) << QByteArray(value) << QByteArray(words);
    };
    row("no steps", "/steps", "null", "steps");
    row("empty steps", "/steps", "[]", "dummy root");
    row("steps of another type", "/steps", "{\"a\":1}", "must be a list");
    row("a step of another type", "/steps/1", "7", "steps[1]");
    row("no dummy root", "/steps/0/created_by", "\"large_step\"", "dummy root");
    row("unknown kind", "/steps/1/created_by", "\"leap\"", "'leap'");
    row("missing parent", "/steps/2/parent_node_id", "77", "the parent 77");
    row("parent to come", "/steps/1/parent_node_id", "2", "the parent 2");
    row("its own parent", "/steps/1/parent_node_id", "1", "the parent 1");
    row("no parent", "/steps/1/parent_node_id", "null", "the parent -1");
    row("parent of another type", "/steps/1/parent_node_id", "\"0\"", "parent_node_id");
    row("parent out of range", "/steps/1/parent_node_id", "1e300", "parent_node_id");
    row("context to come", "/steps/1/context_node_ids", "[2]", "the context 2");
    row("context of another type", "/steps/1/context_node_ids", "[\"a\"]", "context_node_ids");
    row("a node twice", "/steps/2/node_id", "1", "occurs twice");
    row("a step twice", "/steps/2/step", "1", "step 1 comes after step 1");
    row("step of another type", "/steps/2/step", "\"x\"", "steps[2].step");
    row("score of another type", "/steps/1/score", "[1, 1, 3]", "score");
    row("speed-up of another type", "/steps/1/score/fast_p", "\"fast\"", "fast_p");
    row("code of another type", "/steps/1/code", "null", "code");
    row("reward of another type", "/steps/1/max_reward", "true", "max_reward");
}

void TestImport::brokenRunsAreRefused()
{
    QFETCH(QByteArray, pointer);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, words);
    Json run = smallRun();
    run[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const Result<Session> session = imported(run.dump());
    QVERIFY(!session);
    const std::string message = session.error().message();
    QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
    QVERIFY2(message.find("run.json") != std::string::npos, message.c_str());
    QVERIFY(!session.error().remedy.empty());
    QVERIFY(!QFile::exists(QString::fromStdString(path("s.wwsession"))));
}

void TestImport::brokenFilesAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("words");
    const std::string packed = gzipped(smallRun().dump());
    const auto bytes = [](const std::string &text) {
        return QByteArray(text.data(), qsizetype(text.size()));
    };
    QTest::newRow("empty") << QByteArray() << QByteArray("JSON");
    QTest::newRow("no JSON") << QByteArray("steps: none") << QByteArray("JSON");
    QTest::newRow("cut JSON") << bytes(smallRun().dump().substr(0, 700)) << QByteArray("JSON");
    QTest::newRow("deep JSON") << QByteArray(200'000, '[') << QByteArray("nested deeper");
    QTest::newRow("not a number") << QByteArray("{\"steps\": [NaN]}") << QByteArray("JSON");
    QTest::newRow("gzip cut off") << bytes(packed.substr(0, packed.size() / 2)) << QByteArray("cut off");
    QTest::newRow("gzip without its end")
        << bytes(packed.substr(0, packed.size() - 4)) << QByteArray("cut off");
    QTest::newRow("gzip header alone") << QByteArray("\x1f\x8b") << QByteArray("cut off");
    std::string damaged = packed;
    damaged[damaged.size() / 2] ^= 0x55;
    QTest::newRow("gzip damaged") << bytes(damaged) << QByteArray("");
    QTest::newRow("gzip bomb") << bytes(gzipOfSpaces(size_t {300} << 20))
                               << QByteArray("larger than 268435456 bytes");
    QTest::newRow("too many values") << bytes(gzipped("[" + std::string(5'000'000, ',') + "]"))
                                     << QByteArray("at most 20000 steps");
}

void TestImport::brokenFilesAreRefused()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, words);
    const Result<Session> session = imported(bytes.toStdString());
    QVERIFY(!session);
    const std::string message = session.error().message();
    QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
    QVERIFY(!importAdaExplore(path("missing"), path("s.wwsession")));
    QVERIFY(!importAdaExplore(m_folder->path().toStdString(), path("s.wwsession")));
    QVERIFY(!QFile::exists(QString::fromStdString(path("s.wwsession"))));
}

void TestImport::mutatedRunsNeverCrash()
{
    const std::string run = smallRun().dump();
    int read = 0;
    for (uint64_t round = 0; round < 120; ++round) {
        RandomStream random(3, round);
        const Result<Session> session =
            imported(mutated(run, {"null", "-1", "1e999", "\"\\ud800\"", "{", "[]"}, random));
        QFile::remove(QString::fromStdString(path("s.wwsession")));
        read += session ? 1 : 0;
        if (!session)
            QVERIFY(!session.error().message().empty());
    }
    QVERIFY(read < 120);
}

void TestImport::aMillionStepsAreRefused()
{
    std::string text = "{\"steps\":[";
    for (int i = 0; i < 1'000'000; ++i)
        text += i == 0 ? "{}" : ",{}";
    const Result<Session> session = imported(gzipped(text + "]}"));
    QVERIFY(!session);
    const std::string message = session.error().message();
    QVERIFY2(message.find("at most 20000 steps") != std::string::npos, message.c_str());
}

void TestImport::aSessionThatExistsIsKept()
{
    QVERIFY(imported(smallRun().dump()));
    const Result<Session> again = imported(smallRun().dump());
    QVERIFY(!again);
    QVERIFY(again.error().message().find("exists") != std::string::npos);
    const auto journal = Journal::openForReading(path("s.wwsession"));
    QVERIFY(journal);
    QCOMPARE((*journal)->load()->nodes.size(), size_t(3));
}

void TestImport::aRunBecomesASession_data()
{
    QTest::addColumn<bool>("packed");
    QTest::newRow("plain") << false;
    QTest::newRow("gzip") << true;
}

void TestImport::aRunBecomesASession()
{
    QFETCH(bool, packed);
    const std::string run = smallRun().dump();
    const Result<Session> session = imported(packed ? gzipped(run) : run);
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    QCOMPARE(session->nodes.size(), size_t(3));
    QCOMPARE(session->stepsDone, 2);
    QCOMPARE(session->best, CandidateId(1));
    QCOMPARE(session->task->name, std::string("adaexplore-2_29"));
    QCOMPARE(session->task->language, std::string("triton"));
    QCOMPARE(session->task->reference.text, std::string("def reference(): pass"));
    QCOMPARE(session->devices.size(), size_t(1));
    QCOMPARE(session->devices[0].device, std::string("a device"));
    const Node &second = session->nodes[2];
    QCOMPARE(second.candidate.kind, MoveKind::Small);
    QCOMPARE(second.candidate.parent, CandidateId(1));
    QCOMPARE(second.candidate.step, 2);
    QCOMPARE(second.candidate.source, std::string("print('kernel')"));
    QCOMPARE(second.move.context.size(), size_t(1));
    QCOMPARE(second.move.context[0].role, LineageRole::Parent);
    QCOMPARE(second.evaluation->environment.at("device"), std::string("a device"));
}

void TestImport::stagesComeFromErrorTexts_data()
{
    QTest::addColumn<bool>("compiled");
    QTest::addColumn<QByteArray>("error");
    QTest::addColumn<int>("verdict");
    const auto row = [](const char *error, bool compiled, Verdict verdict) {
        QTest::newRow(error) << compiled << QByteArray(error) << int(verdict);
    };
    row("triton.compiler.errors.CompilationError: at 12:4", true, Verdict::CompileError);
    row("triton.compiler.errors.UnsupportedLanguageConstruct: nested function", true, Verdict::CompileError);
    row("triton.runtime.errors.OutOfResources: shared memory", true, Verdict::ResourceLimit);
    row("incorrect output", true, Verdict::IncorrectNumerical);
    row("builtins.RuntimeError: expected a CUDA tensor", true, Verdict::RuntimeError);
    row("builtins.SyntaxError: invalid syntax", false, Verdict::CompileError);
    row("builtins.ValueError: 'dtype' is not in list", false, Verdict::CompileError);
    row("Subprocess timeout", false, Verdict::Timeout);
    row("", true, Verdict::IncorrectNumerical);
}

void TestImport::stagesComeFromErrorTexts()
{
    QFETCH(bool, compiled);
    QFETCH(QByteArray, error);
    QFETCH(int, verdict);
    Json run = smallRun();
    run["steps"][1] = stepJson(1, 0, "large_step", score(compiled, false, 0), error.constData());
    const Result<Session> session = imported(run.dump());
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    const Node &node = session->nodes[1];
    QCOMPARE(node.evaluation->verdict, static_cast<Verdict>(verdict));
    QCOMPARE(node.evaluation->message, error.toStdString());
    QCOMPARE(node.outcome->compiled, compiled); // as its policy saw it
    QVERIFY(!node.evaluation->speedup);
}

void TestImport::millisecondsBecomeMicroseconds()
{
    const Result<Session> session = imported(smallRun().dump());
    QVERIFY(session);
    const Evaluation &evaluation = *session->nodes[1].evaluation;
    QCOMPARE(evaluation.timing[0].medianUs, 2500.0);
    QCOMPARE(evaluation.speedup->workloads[0].baselineMedianUs, 7500.0);
    QCOMPARE(evaluation.speedup->workloads[0].candidateMedianUs, 2500.0);
}

void TestImport::whatTheSourceScoredIsKept()
{
    Json run = smallRun();
    const double reward = 0.51416254596170921;
    run["steps"][1]["max_reward"] = reward;
    const Result<Session> session = imported(run.dump());
    QVERIFY(session);
    QCOMPARE(session->nodes[1].outcome->reward, reward); // to the last bit
    QCOMPARE(session->nodes[1].outcome->speedup, 3.0);
}

void TestImport::gapsInNodeNumbersAreClosed()
{
    Json run = smallRun();
    run["steps"][1]["node_id"] = 40;
    run["steps"][2]["node_id"] = 7;
    run["steps"][2]["parent_node_id"] = 40;
    run["steps"][2]["context_node_ids"] = {40};
    run["steps"][2]["step"] = 90;
    const Result<Session> session = imported(run.dump());
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    QCOMPARE(session->nodes[2].candidate.parent, CandidateId(1));
    QCOMPARE(session->nodes[2].candidate.step, 90);
}

void TestImport::theSessionIsMarkedAsARecording()
{
    const Result<ImportReport> report = importAdaExplore(written(smallRun().dump()), path("s.wwsession"));
    QVERIFY(report);
    QCOMPARE(report->candidates, 2);
    QVERIFY(report->notes.size() >= 3);
    const auto journal = Journal::openForReading(path("s.wwsession"));
    const Result<Session> session = (*journal)->load();
    QCOMPARE(session->origin, std::string("import:adaexplore"));
    QCOMPARE(session->stopReason, std::string("steps"));
    QCOMPARE(session->runSeconds, 0.0);
}

void TestImport::gunzipGivesTheContentBack()
{
    const std::string text(1'000'003, 'a');
    QCOMPARE(*gunzip(gzipped(text), text.size()), text);
    QVERIFY(!gunzip(gzipped(text), text.size() - 1));
    QCOMPARE(*gunzip(gzipped(""), 10), std::string());
}

QTEST_APPLESS_MAIN(TestImport)
#include "tst_import.moc"
