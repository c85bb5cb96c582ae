// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/judge/EvaluationJson.h"
#include "core/task/JsonFields.h"
#include "tests/core/Mutation.h"
#include "tests/core/TestEvaluation.h"

#include <QTest>

#include <cmath>
#include <cstring>

using namespace ww;
using nlohmann::json;

namespace {

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

constexpr Verdict kAllVerdicts[] = {
    Verdict::Passed,        Verdict::IncorrectShape, Verdict::IncorrectDtype, Verdict::IncorrectNumerical,
    Verdict::CompileError,  Verdict::RuntimeError,   Verdict::Timeout,        Verdict::ResourceLimit,
    Verdict::Sanitizer,     Verdict::Suspect,        Verdict::RewardHack,     Verdict::InvalidReference,
    Verdict::NotReproduced, Verdict::InfraError,     Verdict::Rejected,
};

} // namespace

class EvaluationJsonTest : public QObject {
    Q_OBJECT

private slots:
    void refusesBrokenRecords_data();
    void refusesBrokenRecords();
    void ignoresFieldsOfLaterVersions();
    void readsARecordWithNothingButAVerdict();
    void everyFieldSurvives();
    void usesTheNamesOfTheCommandLine();
    void writesNumbersJsonHasNotAsStrings();
    void writesSamplesAsShortAsTheyReadBack();
    void makesTextOfStrangersValid();
    void verdictsHaveNames();
    void tellsCompiledFromNotCompiled();
    void speedupCountsForPassedOnly_data();
    void speedupCountsForPassedOnly();
    void totalsTheColdMedians();
    void survivesMutatedRecords();
};

void EvaluationJsonTest::refusesBrokenRecords_data()
{
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value"); // empty: removed
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *pointer, const char *value, const char *message) {
        QTest::newRow(message) << QByteArray(pointer) << QByteArray(value) << QByteArray(message);
    };
    row("/verdict", "", "the document: the key 'verdict' is missing");
    row("/verdict", "7", "verdict: must be a string, not '7'");
    row("/verdict", "\"passed\"", "verdict: unknown verdict 'passed'");
    row("/message", "{}", "message: must be a string, not an object");
    row("/stages", "{}", "stages: must be a list, not an object");
    row("/stages/0", "5", "stages[0]: must be an object, not '5'");
    row("/stages/0/name", "", "stages[0]: the key 'name' is missing");
    row("/stages/1/ms", "\"soon\"", "stages[1].ms: must be a number, \"nan\", \"inf\" or \"-inf\"");
    row("/diagnostics/0/severity", "\"fatal\"",
        "diagnostics[0].severity: must be note, warning or error, not 'fatal'");
    row("/diagnostics/0/line", "3.5", "diagnostics[0].line: must be an integer of 32 bits, not '3.5'");
    row("/diagnostics/0/line", "3000000000",
        "diagnostics[0].line: must be an integer of 32 bits, not '3000000000'");
    row("/correctness/1/max_abs", "", "correctness[1]: the key 'max_abs' is missing");
    row("/correctness/0/seed_tag", "-1", "correctness[0].seed_tag: must be an integer from 0 to 2^64-1");
    row("/correctness/0/worst_index", "1e3", "correctness[0].worst_index: must be an integer of 64 bits");
    row("/correctness/0/ok", "1", "correctness[0].ok: must be true or false");
    row("/timing/0/ci95_us", "[1]", "timing[0].ci95_us: must be [low, high]");
    row("/timing/0/ci95_us", "[1, \"two\"]", "timing[0].ci95_us: must be [low, high]");
    row("/timing/0/ci95_us", "", "timing[0]: the key 'ci95_us' is missing");
    row("/timing/0/n", "\"3\"", "timing[0].n: must be an integer of 32 bits");
    row("/timing/0/samples_us/1", "null", "timing[0].samples_us[1]: must be a number");
    row("/speedup", "[]", "speedup: must be an object, not a list");
    row("/speedup/ratio", "", "speedup: the key 'ratio' is missing");
    row("/speedup/workloads/0/ci95", "3", "speedup.workloads[0].ci95: must be [low, high]");
    row("/bound/sol_us", "", "bound: the key 'sol_us' is missing");
    row("/resources/local_mem_bytes", "2048", "resources.local_mem_bytes: must be a string, not '2048'");
    row("/environment", "[]", "environment: must be an object, not a list");
    row("/trust/0/probe", "", "trust[0]: the key 'probe' is missing");
    row("/foreign/0/profile", "", "foreign[0]: the key 'profile' is missing");
    row("/wall_ms", "true", "wall_ms: must be a number");
}

void EvaluationJsonTest::refusesBrokenRecords()
{
    QFETCH(const QByteArray, pointer);
    QFETCH(const QByteArray, value);
    QFETCH(const QByteArray, message);
    json record = evaluationToJson(testEvaluation());
    const json::json_pointer at(pointer.toStdString());
    QVERIFY(record.contains(at));
    if (value.isEmpty())
        record[at.parent_pointer()].erase(at.back());
    else
        record[at] = json::parse(value.toStdString());
    const auto read = evaluationFromJson(record);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::BadInput);
    QCOMPARE(read.error().what, std::string("cannot read the evidence record"));
    QVERIFY2(has(read.error().message(), message.toStdString()), read.error().message().c_str());
}

void EvaluationJsonTest::ignoresFieldsOfLaterVersions()
{
    json record = evaluationToJson(testEvaluation());
    record["schema"] = 2;
    record["timing"][0]["iqr_us"] = 3;
    record["stages"][0]["children"] = json::array();
    const auto read = evaluationFromJson(record);
    QVERIFY(read);
    QVERIFY(evaluationToJson(*read) == evaluationToJson(testEvaluation()));
}

void EvaluationJsonTest::readsARecordWithNothingButAVerdict()
{
    const auto read = evaluationFromJson({{"verdict", "REJECTED"}, {"speedup", nullptr}});
    QVERIFY(read);
    QCOMPARE(read->verdict, Verdict::Rejected);
    QVERIFY(read->stages.empty() && !read->speedup && !read->bound);
    QVERIFY(!evaluationFromJson(json::array()));
    QVERIFY(!evaluationFromJson(json()));
}

void EvaluationJsonTest::everyFieldSurvives()
{
    const Evaluation wrote = testEvaluation();
    const auto read = evaluationFromJson(json::parse(evaluationToJson(wrote).dump()));
    QVERIFY2(read, read ? "" : read.error().message().c_str());
    QCOMPARE(read->verdict, wrote.verdict);
    QCOMPARE(read->message, wrote.message);
    QCOMPARE(read->stages.size(), size_t {2});
    QCOMPARE(read->stages[0].name, std::string("compile"));
    QCOMPARE(read->stages[0].status, std::string("ok"));
    QCOMPARE(read->stages[0].ms, 11.5);
    QCOMPARE(read->stages[0].detail, std::string("build of 3 kernels"));
    QCOMPARE(read->diagnostics.size(), size_t {3});
    for (size_t i = 0; i < 3; ++i) {
        QCOMPARE(read->diagnostics[i].severity, wrote.diagnostics[i].severity);
        QCOMPARE(read->diagnostics[i].line, wrote.diagnostics[i].line);
        QCOMPARE(read->diagnostics[i].column, wrote.diagnostics[i].column);
        QCOMPARE(read->diagnostics[i].message, wrote.diagnostics[i].message);
    }
    QCOMPARE(read->buildLog, wrote.buildLog);
    QCOMPARE(read->correctness.size(), size_t {2});
    const CorrectnessRecord &good = read->correctness[0], &bad = read->correctness[1];
    QCOMPARE(good.workload, std::string("large"));
    QCOMPARE(good.set, std::string("default"));
    QCOMPARE(good.output, std::string("C"));
    QVERIFY(good.maxAbs == 1e-7 && good.maxRel == 2e-6 && good.matched == 1);
    QCOMPARE(good.worstIndex, 17);
    QVERIFY(good.expected == 0.1 && good.actual == 0.1000001);
    QCOMPARE(good.seedTag, UINT64_MAX);
    QVERIFY(good.ok && !bad.ok);
    QVERIFY(std::isinf(bad.maxAbs) && bad.maxAbs > 0 && std::isnan(bad.maxRel));
    QVERIFY(std::isinf(bad.expected) && bad.expected < 0 && std::isnan(bad.actual));
    QCOMPARE(read->timing.size(), size_t {1});
    const TimingRecord &timing = read->timing[0];
    QCOMPARE(timing.workload, std::string("large"));
    QCOMPARE(timing.mode, std::string("cold"));
    QVERIFY(timing.n == 3 && timing.discarded == 1 && timing.unstable);
    QVERIFY(timing.medianUs == 12.5 && timing.ci95LowUs == 12.25 && timing.ci95HighUs == 12.75);
    QVERIFY(timing.p10Us == 12 && timing.p90Us == 13 && timing.minUs == 11.75);
    QCOMPARE(timing.samplesUs, wrote.timing[0].samplesUs);
    QVERIFY(timing.readings == wrote.timing[0].readings);
    QVERIFY(timing.tracedUs == 12.4);
    QVERIFY(read->library && read->library->name == "cublas.sgemm" && read->library->ratio == 0.4);
    QVERIFY(read->library->workloads.at(0).ci95LowUs == 4.9 && read->library->problem == "late");
    QVERIFY(read->profile && read->profile->metrics.at("dram_pct") == 81.5 && read->profile->passes == 9);
    QVERIFY(read->profile->bottleneck == "memory bandwidth" && read->profile->reasons.at(0) == "busy");
    QVERIFY(read->code && read->code->ptx.size() == 2 && read->code->ptx[1].sourceLine == 4);
    QVERIFY(read->code->sass[0].ptxLine == 2 && read->code->sassProblem == "none");
    QVERIFY(read->speedup.has_value());
    QCOMPARE(read->speedup->baseline, std::string("baseline"));
    QVERIFY(read->speedup->ratio == 15.5 && read->speedup->ci95Low == 15 && read->speedup->ci95High == 16);
    QCOMPARE(read->speedup->verdict, std::string("FASTER"));
    QCOMPARE(read->speedup->reason, wrote.speedup->reason);
    QCOMPARE(read->speedup->workloads.size(), size_t {1});
    const SpeedupRecord::PerWorkload &part = read->speedup->workloads[0];
    QCOMPARE(part.workload, std::string("large"));
    QVERIFY(part.ratio == 15.5 && part.ci95Low == 15 && part.ci95High == 16);
    QVERIFY(part.baselineMedianUs == 193.75 && part.candidateMedianUs == 12.5);
    QVERIFY(read->bound && read->bound->flops == 1e9 && read->bound->bytes == 3e6);
    QVERIFY(read->bound->solUs == 10.5 && read->bound->solScore == 0.84);
    QCOMPARE(read->resources, wrote.resources);
    QCOMPARE(read->trust.size(), size_t {1});
    QCOMPARE(read->trust[0].probe, std::string("physics"));
    QCOMPARE(read->trust[0].verdict, std::string("ok"));
    QCOMPARE(read->trust[0].value, std::string("0.84 of the floor"));
    QCOMPARE(read->foreign.size(), size_t {1});
    QCOMPARE(read->foreign[0].profile, std::string("kernelbench"));
    QCOMPARE(read->foreign[0].verdict, std::string("CORRECT"));
    QCOMPARE(read->foreign[0].reason, std::string("2 outputs within its limits"));
    QCOMPARE(read->foreign[0].speedup, 14.5);
    QCOMPARE(read->environment, wrote.environment);
    QCOMPARE(read->hashes, wrote.hashes);
    QCOMPARE(read->wallMs, 812.25);
}

void EvaluationJsonTest::usesTheNamesOfTheCommandLine()
{
    const json record = evaluationToJson(testEvaluation());
    for (const char *pointer : {"/verdict",
                                "/stages/0/name",
                                "/stages/0/status",
                                "/stages/0/ms",
                                "/stages/0/detail",
                                "/correctness/0/workload",
                                "/correctness/0/set",
                                "/correctness/0/max_abs",
                                "/correctness/0/max_rel",
                                "/correctness/0/matched",
                                "/correctness/0/worst_index",
                                "/timing/0/workload",
                                "/timing/0/mode",
                                "/timing/0/n",
                                "/timing/0/discarded",
                                "/timing/0/median_us",
                                "/timing/0/ci95_us/1",
                                "/timing/0/p10_us",
                                "/timing/0/p90_us",
                                "/timing/0/min_us",
                                "/timing/0/samples_us/2",
                                "/speedup/baseline",
                                "/speedup/ratio",
                                "/speedup/ci95/1",
                                "/bound/flops",
                                "/bound/bytes",
                                "/bound/sol_us",
                                "/bound/sol_score",
                                "/resources",
                                "/trust/0/probe",
                                "/trust/0/verdict",
                                "/trust/0/value",
                                "/environment",
                                "/hashes"})
        QVERIFY2(record.contains(json::json_pointer(pointer)), pointer);
    // Not measured is absent, not zero.
    const json bare = evaluationToJson({});
    QVERIFY(!bare.contains("speedup") && !bare.contains("bound"));
}

void EvaluationJsonTest::writesNumbersJsonHasNotAsStrings()
{
    const json record = evaluationToJson(testEvaluation());
    QVERIFY(record["correctness"][1]["max_abs"] == "inf");
    QVERIFY(record["correctness"][1]["max_rel"] == "nan");
    QVERIFY(record["correctness"][1]["expected"] == "-inf");
    QVERIFY(!has(record.dump(), "null"));
}

void EvaluationJsonTest::writesSamplesAsShortAsTheyReadBack()
{
    Evaluation evaluation;
    evaluation.timing.resize(1);
    QCOMPARE(evaluationToJson(testEvaluation())["timing"][0]["samples_us"].dump(),
             std::string("[12.3,0.1,1e-20]"));
    RandomStream random(3, 7);
    for (int i = 0; i < 20000; ++i) {
        const uint32_t bits = random.next();
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        if (std::isfinite(value))
            evaluation.timing[0].samplesUs.push_back(value);
    }
    const auto read = evaluationFromJson(json::parse(evaluationToJson(evaluation).dump()));
    QVERIFY(read);
    QCOMPARE(read->timing[0].samplesUs, evaluation.timing[0].samplesUs);
    evaluation.timing[0].samplesUs = {std::numeric_limits<float>::infinity()};
    QVERIFY(std::isinf(evaluationFromJson(evaluationToJson(evaluation))->timing[0].samplesUs[0]));
}

void EvaluationJsonTest::makesTextOfStrangersValid()
{
    Evaluation evaluation = testEvaluation();
    const std::string bad = std::string("a\xFF") + '\0' + "\xED\xA0\x80";
    evaluation.message = evaluation.buildLog = bad;
    evaluation.stages[0].detail = evaluation.diagnostics[0].message = evaluation.trust[0].value = bad;
    evaluation.resources[bad] = bad;
    evaluation.environment["device"] = bad;
    const std::string text = evaluationToJson(evaluation).dump();
    QVERIFY(isUtf8(text));
    const auto read = evaluationFromJson(json::parse(text));
    QVERIFY(read);
    QCOMPARE(read->message, toValidUtf8(bad));
    QCOMPARE(read->resources.at(toValidUtf8(bad)), toValidUtf8(bad));
}

void EvaluationJsonTest::verdictsHaveNames()
{
    for (const Verdict verdict : kAllVerdicts) {
        const auto read = verdictFromName(toString(verdict));
        QVERIFY(read);
        QCOMPARE(*read, verdict);
    }
    QCOMPARE(std::string(toString(Verdict::IncorrectNumerical)), std::string("INCORRECT_NUMERICAL"));
    QCOMPARE(std::string(toString(Verdict::InfraError)), std::string("INFRA_ERROR"));
    for (const char *name : {"", "passed", "PASSED ", "UNKNOWN"})
        QVERIFY(!verdictFromName(name));
}

void EvaluationJsonTest::tellsCompiledFromNotCompiled()
{
    for (const Verdict verdict : kAllVerdicts) {
        const bool expected = verdict != Verdict::CompileError && verdict != Verdict::Rejected
            && verdict != Verdict::InfraError;
        QCOMPARE(compiled(verdict), expected);
        QCOMPARE(correct(verdict), verdict == Verdict::Passed);
    }
}

void EvaluationJsonTest::speedupCountsForPassedOnly_data()
{
    QTest::addColumn<int>("verdict");
    QTest::addColumn<double>("ratio"); // below 0: no record
    QTest::addColumn<double>("counts");
    QTest::newRow("passed") << static_cast<int>(Verdict::Passed) << 3.5 << 3.5;
    QTest::newRow("passed, not timed") << static_cast<int>(Verdict::Passed) << -1.0 << 0.0;
    QTest::newRow("passed, not a number")
        << static_cast<int>(Verdict::Passed) << std::numeric_limits<double>::quiet_NaN() << 0.0;
    QTest::newRow("passed, infinite")
        << static_cast<int>(Verdict::Passed) << std::numeric_limits<double>::infinity() << 0.0;
    QTest::newRow("suspect") << static_cast<int>(Verdict::Suspect) << 3.5 << 0.0;
    QTest::newRow("wrong") << static_cast<int>(Verdict::IncorrectNumerical) << 3.5 << 0.0;
    QTest::newRow("not reproduced") << static_cast<int>(Verdict::NotReproduced) << 3.5 << 0.0;
}

void EvaluationJsonTest::speedupCountsForPassedOnly()
{
    QFETCH(const int, verdict);
    QFETCH(const double, ratio);
    QFETCH(const double, counts);
    Evaluation evaluation;
    evaluation.verdict = static_cast<Verdict>(verdict);
    if (!(ratio < 0)) {
        evaluation.speedup.emplace();
        evaluation.speedup->ratio = ratio;
    }
    QCOMPARE(evaluation.speedupRatio(), counts);
}

void EvaluationJsonTest::totalsTheColdMedians()
{
    Evaluation evaluation;
    QCOMPARE(evaluation.totalMedianUs(), 0.0);
    evaluation.timing.resize(3);
    evaluation.timing[0].medianUs = 10;
    evaluation.timing[1].medianUs = 2.5;
    evaluation.timing[2].medianUs = 100;
    evaluation.timing[2].mode = "warm";
    QCOMPARE(evaluation.totalMedianUs(), 12.5);
}

void EvaluationJsonTest::survivesMutatedRecords()
{
    const std::string text = evaluationToJson(testEvaluation()).dump();
    const std::vector<std::string> dictionary {
        "{",     "}",       "[",       "]",     ",",        ":",           "null",   "true",
        "-1",    "\"nan\"", "\"inf\"", "1e400", "\"ci95\"", "\"verdict\"", "PASSED", "18446744073709551616",
        "[[[[[", "\\u0000", "\xFF",    "\"\"",  "0.5"};
    RandomStream random(2026, 8);
    int good = 0;
    for (int i = 0; i < fuzzRounds(); ++i) {
        const auto document = parseJson(mutated(text, dictionary, random));
        if (!document)
            continue;
        const auto read = evaluationFromJson(*document);
        if (!read) {
            QVERIFY(!read.error().why.empty());
            continue;
        }
        ++good;
        const json again = evaluationToJson(*read);
        QVERIFY(evaluationToJson(*evaluationFromJson(again)) == again);
    }
    QVERIFY(good > fuzzRounds() / 50);
}

QTEST_APPLESS_MAIN(EvaluationJsonTest)
#include "tst_evaluation_json.moc"
