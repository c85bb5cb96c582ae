// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Export.h"
#include "core/judge/EvaluationJson.h"
#include "tests/core/SearchFixtures.h"

#include <QTest>
#include <QXmlStreamReader>
#include <nlohmann/json.hpp>

using namespace ww;
using fixtures::SessionMaker;

namespace {

constexpr const char *kHostile = "<script>alert(1)</script> \"&'\x01 \xff";

/// A session with every outcome, a confirmed best, a refuted one, an edit, one pending, and hostile texts.
Session everything()
{
    SessionMaker maker;
    SessionCreated created = fixtures::created();
    Task task = *created.task;
    task.description = kHostile;
    created.task = std::make_shared<const Task>(task);
    (void)maker.add(created);
    Capabilities device;
    device.device = "PoCL <CPU>";
    device.deviceKind = "cpu";
    device.backend = "opencl";
    device.sandbox = "landlock+seccomp";
    device.sandboxNote = "no user namespaces";
    (void)maker.add(RunStarted {{device}, {}, false});
    const std::vector<Evaluation> outcomes = {fixtures::passed(2.5),
                                              fixtures::passed(1.0),
                                              fixtures::passed(0.5),
                                              fixtures::failed(Verdict::CompileError, kHostile),
                                              fixtures::failed(Verdict::IncorrectNumerical),
                                              fixtures::failed(Verdict::Timeout),
                                              fixtures::failed(Verdict::InfraError)};
    for (CandidateId id = 1; id <= static_cast<CandidateId>(outcomes.size()); ++id) {
        (void)maker.add(fixtures::proposed(id, id / 2, static_cast<int>(id), MoveKind::Large));
        (void)maker.add(EvaluationFinished {id, false, outcomes[static_cast<size_t>(id - 1)], {}});
    }
    (void)maker.add(EvaluationFinished {1, true, fixtures::passed(2.4), {}});
    CandidateProposed edit = fixtures::proposed(8, 1, 0, MoveKind::Edit, "=HYPERLINK(\"http://x\")");
    edit.candidate.origin = "human";
    edit.candidate.source = std::string("// ") + kHostile;
    (void)maker.add(edit);
    (void)maker.add(EvaluationFinished {8, false, fixtures::passed(3.1), {}});
    (void)maker.add(EvaluationFinished {8, true, fixtures::failed(Verdict::IncorrectNumerical), {}});
    (void)maker.add(fixtures::proposed(9, 1, 8, MoveKind::Small, "a, \"quoted\"\r\ntitle"));
    (void)maker.add(RunStopped {"user", kHostile});
    return maker.session;
}

Session large(CandidateId candidates)
{
    SessionMaker maker;
    (void)maker.add(fixtures::created());
    (void)maker.add(RunStarted {});
    for (CandidateId id = 1; id <= candidates; ++id) {
        // A chain of ten thousand, the deepest tree there can be.
        (void)maker.add(
            fixtures::proposed(id, id - 1, static_cast<int>(id), MoveKind::Small, "a title of usual length"));
        Evaluation evaluation = id % 3 == 0 ? fixtures::failed(Verdict::CompileError, std::string(5000, 'e'))
                                            : fixtures::passed(1 + 0.001 * static_cast<double>(id), 0);
        (void)maker.add(EvaluationFinished {id, false, std::move(evaluation), {}});
    }
    return maker.session;
}

/// The records of a CSV text by RFC 4180.
std::vector<std::vector<std::string>> csvRecords(const std::string &text)
{
    std::vector<std::vector<std::string>> records(1);
    std::string cell;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            cell += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (quoted) {
            cell += c;
        } else if (c == ',') {
            records.back().push_back(std::exchange(cell, {}));
        } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            ++i;
            records.back().push_back(std::exchange(cell, {}));
            records.emplace_back();
        } else {
            cell += c;
        }
    }
    records.pop_back(); // the last record ends with a line break
    return records;
}

bool contains(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestExport : public QObject {
    Q_OBJECT

private slots:
    void jsonHoldsTheWholeSession();
    void jsonIsWellFormedWhateverTheTexts();
    void csvHasARecordForEachCandidate();
    void csvCellsThatSpreadsheetsWouldRunAreDefused_data();
    void csvCellsThatSpreadsheetsWouldRunAreDefused();
    void htmlIsWellFormed_data();
    void htmlIsWellFormed();
    void htmlEscapesEveryText();
    void htmlNeedsNoNetworkAndNoScript();
    void htmlShowsTheConfirmedBestAndSaysWhatWasRefuted();
    void htmlShowsEveryOutcomeByShape();
    void htmlOfManyCandidatesStaysSmallAndSaysWhatIsLeftOut();
    void htmlOfAnEmptySessionSaysSo();
};

void TestExport::jsonHoldsTheWholeSession()
{
    const Session session = everything();
    const nlohmann::json document = nlohmann::json::parse(exportJson(session));
    QCOMPARE(document["format"].get<std::string>(), std::string("warpwright-session"));
    QCOMPARE(document["candidates"].size(), size_t(9));
    QCOMPARE(document["best"].get<int>(), 8);
    QCOMPARE(document["confirmed_best"].get<int>(), 1);
    QCOMPARE(document["task"]["name"].get<std::string>(), std::string("doubling"));
    QCOMPARE(document["config"]["constants"]["c"].get<double>(), 0.3);
    QCOMPARE(document["devices"][0]["sandbox"].get<std::string>(), std::string("landlock+seccomp"));
    const nlohmann::json &first = document["candidates"][0];
    QCOMPARE(first["content_hash"].get<std::string>(), session.nodes[1].candidate.contentHash());
    const auto evaluation = evaluationFromJson(first["evaluation"]);
    QVERIFY(evaluation);
    QCOMPARE(evaluation->timing[0].samplesUs, session.nodes[1].evaluation->timing[0].samplesUs);
    QVERIFY(document["candidates"][8]["evaluation"].is_null());
}

void TestExport::jsonIsWellFormedWhateverTheTexts()
{
    const nlohmann::json document = nlohmann::json::parse(exportJson(everything()));
    const auto source = document["candidates"][7]["source"].get<std::string>();
    QVERIFY(contains(source, "<script>") && contains(source, "\xEF\xBF\xBD"));
    QVERIFY(nlohmann::json::accept(exportJson(Session())));
}

void TestExport::csvHasARecordForEachCandidate()
{
    const auto records = csvRecords(exportCsv(everything()));
    QCOMPARE(records.size(), size_t(10));
    for (const auto &record : records)
        QCOMPARE(record.size(), records[0].size());
    const auto cell = [&](size_t row, const char *column) {
        const auto found = std::find(records[0].begin(), records[0].end(), column);
        return found == records[0].end() ? std::string("?")
                                         : records[row][size_t(found - records[0].begin())];
    };
    QCOMPARE(cell(1, "verdict"), std::string("PASSED"));
    QCOMPARE(cell(1, "speedup"), std::string("2.5"));
    QCOMPARE(cell(1, "confirmed"), std::string("yes"));
    QCOMPARE(cell(1, "confirmed_speedup"), std::string("2.4"));
    QCOMPARE(cell(1, "total_median_us"), std::string("40"));
    QCOMPARE(cell(8, "confirmed"), std::string("no"));
    QCOMPARE(cell(9, "title"), std::string("a, \"quoted\"\r\ntitle"));
    QCOMPARE(cell(9, "verdict"), std::string());
}

void TestExport::csvCellsThatSpreadsheetsWouldRunAreDefused_data()
{
    QTest::addColumn<QByteArray>("title");
    for (const char *title : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"})
        QTest::newRow(title) << QByteArray(title);
}

void TestExport::csvCellsThatSpreadsheetsWouldRunAreDefused()
{
    QFETCH(QByteArray, title);
    SessionMaker maker;
    QVERIFY(maker.add(fixtures::created()));
    QVERIFY(maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large, title.toStdString())));
    const auto records = csvRecords(exportCsv(maker.session));
    QCOMPARE(records[1][5], "'" + title.toStdString());
}

void TestExport::htmlIsWellFormed_data()
{
    QTest::addColumn<bool>("full");
    QTest::newRow("everything") << true;
    QTest::newRow("nothing") << false;
}

void TestExport::htmlIsWellFormed()
{
    QFETCH(bool, full);
    QByteArray html = QByteArray::fromStdString(exportHtml(full ? everything() : Session()));
    // HTML's void elements and bare attributes are all that keeps it from being XML.
    html.replace("<!DOCTYPE html>", "").replace("<details open>", "<details open=\"\">");
    for (const char *name : {"<meta charset=\"utf-8\"", "style-src 'unsafe-inline'\"", "initial-scale=1\""})
        html.replace(QByteArray(name) + ">", QByteArray(name) + "/>");
    QXmlStreamReader reader(html);
    while (!reader.atEnd())
        reader.readNext();
    QVERIFY2(!reader.hasError(),
             qPrintable(QStringLiteral("line %1: %2").arg(reader.lineNumber()).arg(reader.errorString())));
}

void TestExport::htmlEscapesEveryText()
{
    const std::string html = exportHtml(everything());
    QVERIFY(!contains(html, "<script"));
    QVERIFY(contains(html, "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&#39;"));
    QVERIFY(!contains(html, "PoCL <CPU>"));
    QVERIFY(contains(html, "PoCL &lt;CPU&gt;"));
    QVERIFY(html.find('\x01') == std::string::npos);
    QVERIFY(html.find('\xff') == std::string::npos);
}

void TestExport::htmlNeedsNoNetworkAndNoScript()
{
    const std::string html = exportHtml(everything());
    for (const char *part : {"src=", "<link", "@import", "url(", "onclick", "<iframe"})
        QVERIFY2(!contains(html, part), part);
    QVERIFY(contains(html, "default-src 'none'"));
    QVERIFY(contains(html, "prefers-color-scheme: dark"));
    QVERIFY(contains(html, "lang=\"en\""));
}

void TestExport::htmlShowsTheConfirmedBestAndSaysWhatWasRefuted()
{
    const std::string html = exportHtml(everything());
    QVERIFY(contains(html, "Best <strong>#1"));
    QVERIFY(contains(html, "2.40× [2.35, 2.45]"));
    QVERIFY(contains(html, "confirmed by an independent measurement"));
    QVERIFY(contains(html, "#8 measured faster at first."));
    QVERIFY(contains(html, "did not pass: INCORRECT_NUMERICAL"));
    QVERIFY(contains(html, "not comparable with a GPU"));
    QVERIFY(contains(html, "no user namespaces"));
}

void TestExport::htmlShowsEveryOutcomeByShape()
{
    const std::string html = exportHtml(everything());
    const std::string tree = html.substr(html.find("<ul class=\"tree\">"),
                                         html.find("</details>") - html.find("<ul class=\"tree\">"));
    for (const char *shape : {"★", "●", "◐", "○", "▲", "✕", "■", "⧗", "◌", "✎"})
        QVERIFY2(contains(tree, shape), shape);
}

void TestExport::htmlOfManyCandidatesStaysSmallAndSaysWhatIsLeftOut()
{
    const std::string html = exportHtml(large(10'000));
    QVERIFY2(html.size() < 20'000'000, QByteArray::number(qlonglong(html.size())));
    QVERIFY(!contains(html, "are shown here"));
    qInfo("10 000 candidates: %zu KB of HTML", html.size() / 1024);
    const std::string longer = exportHtml(large(10'050));
    QVERIFY(contains(longer, "Only the first 10000 of 10050 candidates are shown here"));
    QVERIFY(longer.size() < 20'000'000);
}

void TestExport::htmlOfAnEmptySessionSaysSo()
{
    const std::string html = exportHtml(Session());
    QVERIFY(contains(html, "No correct kernel was found"));
    QVERIFY(!contains(html, "<svg"));
}

QTEST_APPLESS_MAIN(TestExport)
#include "tst_export.moc"
