// SPDX-License-Identifier: GPL-3.0-or-later
// The store of rules and techniques: what is kept, what is offered to a prompt, and what prompts came to.
#include "core/memory/Memory.h"
#include "core/memory/Offering.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <sqlite3.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace ww;
namespace fs = std::filesystem;

namespace {

/// Runs SQL on a file as another program would.
bool runSql(const std::string &path, const std::string &sql)
{
    sqlite3 *db = nullptr;
    bool ok = sqlite3_open(path.c_str(), &db) == SQLITE_OK;
    ok = ok && sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(db);
    return ok;
}

Lesson lesson(const std::string &errorClass, const std::string &session, CandidateId candidate,
              const std::string &sentence = "a sentence")
{
    Lesson made;
    made.rule.errorClass = errorClass;
    made.rule.language = "opencl";
    made.rule.key = "opencl/" + errorClass;
    made.rule.sentence = sentence;
    made.rule.origin = "learned";
    made.sighting = {session, candidate, "opencl", "a device", "a compiler 1.0", "error: it does not", 100.0};
    return made;
}

PromptOutcome prompt(CandidateId candidate, bool heldOut, bool passed, const std::string &failedAs = {},
                     const std::string &rule = "opencl/a")
{
    PromptOutcome made;
    made.session = "s";
    made.candidate = candidate;
    made.language = "opencl";
    made.use.heldOut = heldOut;
    made.use.rules = {rule};
    made.passed = passed;
    made.errorClass = failedAs;
    made.time = 200.0 + static_cast<double>(candidate);
    return made;
}

Gain gain(const std::string &technique, double ratio, CandidateId to,
          const std::string &bottleneck = "memory")
{
    return {"s",        1,         to,    "softmax",   "opencl",    "a device",
            bottleneck, technique, ratio, ratio * 0.9, ratio * 1.1, 100.0};
}

MemoryQuery query(const std::string &text = {})
{
    MemoryQuery made;
    made.language = "opencl";
    made.device = "a device";
    made.text = text;
    return made;
}

} // namespace

class TestMemory : public QObject {
    Q_OBJECT

    std::optional<QTemporaryDir> m_folder;
    std::unique_ptr<Memory> m_memory;

    std::string file(const QString &name = QStringLiteral("memory.sqlite"))
    {
        return m_folder->filePath(name).toStdString();
    }

    /// Two candidates that failed so: enough for a rule.
    void teach(const std::string &errorClass, const std::string &sentence = "a sentence")
    {
        Lessons lessons;
        lessons.failures = {lesson(errorClass, "s", 1, sentence), lesson(errorClass, "s", 2, sentence)};
        const auto report = m_memory->learn(lessons);
        QVERIFY2(report.has_value(), report ? "" : report.error().message().c_str());
    }

private slots:
    void init()
    {
        m_folder.emplace();
        auto opened = Memory::open(file());
        QVERIFY2(opened.has_value(), opened ? "" : opened.error().message().c_str());
        m_memory = std::move(*opened);
    }

    void whatIsNoMemoryFileIsRefusedAndKept_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("says");
        QTest::newRow("text") << QByteArray("not a database at all, but text") << QString()
                              << QStringLiteral("not a memory file");
        QTest::newRow("empty file") << QByteArray() << QString() << QStringLiteral("not a memory file");
        QTest::newRow("another application's")
            << QByteArray() << QStringLiteral("CREATE TABLE rule(id INTEGER)")
            << QStringLiteral("another application");
        QTest::newRow("a session's") << QByteArray()
                                     << QStringLiteral(
                                            "CREATE TABLE event(seq); PRAGMA application_id=1465275988")
                                     << QStringLiteral("another application");
        QTest::newRow("a newer version's")
            << QByteArray() << QStringLiteral("PRAGMA application_id=1465339205; PRAGMA user_version=99")
            << QStringLiteral("Update Warpwright");
        QTest::newRow("other tables")
            << QByteArray()
            << QStringLiteral(
                   "CREATE VIEW rule AS SELECT 1; PRAGMA application_id=1465339205; PRAGMA user_version=1")
            << QStringLiteral("tables are not those");
    }
    void whatIsNoMemoryFileIsRefusedAndKept()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, sql);
        QFETCH(QString, says);
        const std::string path = file(QStringLiteral("foreign"));
        if (sql.isEmpty()) {
            QFile target(QString::fromStdString(path));
            QVERIFY(target.open(QIODevice::WriteOnly) && target.write(content) == content.size());
        } else {
            QVERIFY(runSql(path, sql.toStdString()));
        }
        const auto before = fs::file_size(path);
        const auto opened = Memory::open(path);
        QVERIFY(!opened);
        QVERIFY2(QString::fromStdString(opened.error().message()).contains(says),
                 opened.error().message().c_str());
        QVERIFY(!opened.error().remedy.empty());
        QCOMPARE(fs::file_size(path), before);
    }

    void aDamagedFileIsSaidToBeSo()
    {
        for (int i = 0; i < 200; ++i)
            teach("class-" + std::to_string(i), std::string(200, 'x'));
        m_memory.reset();
        {
            QFile target(QString::fromStdString(file()));
            QVERIFY(target.open(QIODevice::ReadWrite));
            for (qint64 at = 3 * 4096; at < target.size(); at += 4096) {
                QVERIFY(target.seek(at));
                target.write(QByteArray(3000, '\x5a'));
            }
        }
        const auto opened = Memory::open(file());
        QVERIFY(!opened);
        QVERIFY2(opened.error().message().find("damaged") != std::string::npos,
                 opened.error().message().c_str());
    }

    void aFolderThatCannotBeWrittenIsAnErrorWithItsRemedy()
    {
        const auto opened = Memory::open("/proc/warpwright-memory.sqlite");
        QVERIFY(!opened);
        QVERIFY2(opened.error().message().find("writable") != std::string::npos,
                 opened.error().message().c_str());
    }

    void oneFailureIsACandidateTwoAreARule()
    {
        Lessons lessons;
        lessons.failures = {lesson("a", "s", 1)};
        auto report = m_memory->learn(lessons);
        QVERIFY(report.has_value());
        QCOMPARE(report->newCandidates, std::vector<std::string> {"opencl/a"});
        QVERIFY(report->newRules.empty());
        QVERIFY(!m_memory->rule("opencl/a")->active);
        QVERIFY(m_memory->rulesFor(query())->text.empty());

        lessons.failures = {lesson("a", "another session", 7)};
        report = m_memory->learn(lessons);
        QCOMPARE(report->newRules, std::vector<std::string> {"opencl/a"});
        QVERIFY(m_memory->rule("opencl/a")->active);
        const auto offer = m_memory->rulesFor(query());
        QVERIFY(offer->text.find("- a sentence\n") != std::string::npos);
        QCOMPARE(offer->use.rules, std::vector<std::string> {"opencl/a"});
    }

    void learningTwiceCountsOnce()
    {
        Lessons lessons;
        lessons.failures = {lesson("a", "s", 1), lesson("a", "s", 2)};
        lessons.gains = {gain("wide loads", 2, 2)};
        lessons.prompts = {prompt(1, false, true)};
        QVERIFY(m_memory->learn(lessons).has_value());
        const auto again = m_memory->learn(lessons);
        QVERIFY(again.has_value());
        QVERIFY(again->newCandidates.empty() && again->newRules.empty());
        QCOMPARE(again->sightings + again->gains + again->prompts, 0);
        QCOMPARE(m_memory->rule("opencl/a")->counters.support, 2);
        QCOMPARE(m_memory->techniques()->front().count, 1);
        QCOMPARE(m_memory->rule("opencl/a")->counters.shown, 1);
    }

    void aRuleOfAPersonOutlivesLearning()
    {
        teach("a", "learned words");
        QVERIFY(m_memory->edit("opencl/a", "better\n words").has_value());
        teach("a", "learned words");
        QCOMPARE(m_memory->rule("opencl/a")->rule.sentence, std::string("better words"));
        QVERIFY(m_memory->rule("opencl/a")->rule.edited);

        QVERIFY(m_memory->setDisabled("opencl/a", true).has_value());
        QVERIFY(m_memory->rulesFor(query())->use.rules.empty());
        QVERIFY(m_memory->setPinned("opencl/a", true).has_value());
        QVERIFY2(m_memory->rulesFor(query())->use.rules.empty(), "a pin overrode a person's 'disable'");

        QVERIFY(m_memory->remove("opencl/a").has_value());
        teach("a");
        QVERIFY(!m_memory->rule("opencl/a"));
        QVERIFY(m_memory->rulesFor(query("sentence"))->use.rules.empty());

        Rule imported = lesson("a", "s", 1, "words of a list").rule;
        imported.origin = "import";
        QVERIFY(m_memory->add({imported}).has_value());
        QCOMPARE(m_memory->rule("opencl/a")->rule.sentence, std::string("words of a list"));
        QVERIFY(!m_memory->rule("opencl/a")->rule.disabled);
        QCOMPARE(m_memory->rule("opencl/a")->counters.support, 0);
    }

    void anUnknownKeyNamesOneThatIsLikeIt()
    {
        teach("missing-address-space");
        const auto wrong = m_memory->setPinned("opencl/missing-adress-space", true);
        QVERIFY(!wrong);
        QVERIFY2(wrong.error().message().find("'opencl/missing-address-space'") != std::string::npos,
                 wrong.error().message().c_str());
        QVERIFY(!m_memory->rule(""));
    }

    void sentencesThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QString>("sentence");
        QTest::newRow("empty") << QString();
        QTest::newRow("blanks") << QStringLiteral(" \n\t ");
        QTest::newRow("too long") << QString(5000, QLatin1Char('x'));
    }
    void sentencesThatAreNoneAreRefused()
    {
        QFETCH(QString, sentence);
        QVERIFY(!m_memory->write("opencl", sentence.toStdString()));
        teach("a");
        QVERIFY(!m_memory->edit("opencl/a", sentence.toStdString()));
        QVERIFY(!m_memory->write("fortran", "a sentence"));
    }

    void theShareOfThePromptIsKept_data()
    {
        QTest::addColumn<int>("share");
        for (const int share : {0, 1, 40, 100, 500, 2000, 100'000})
            QTest::newRow(std::to_string(share).c_str()) << share;
    }
    void theShareOfThePromptIsKept()
    {
        QFETCH(int, share);
        for (int i = 0; i < 40; ++i)
            teach("class-" + std::to_string(i), "sentence number " + std::to_string(i));
        Lessons lessons;
        for (int i = 0; i < 20; ++i)
            lessons.gains.push_back(gain("technique " + std::to_string(i), 2, 10 + i));
        QVERIFY(m_memory->learn(lessons).has_value());
        MemoryQuery asked = query();
        asked.bottleneck = "memory";
        asked.maxCharacters = static_cast<size_t>(share);
        const auto offer = m_memory->rulesFor(asked);
        QVERIFY(offer->text.size() <= asked.maxCharacters);
        QVERIFY(offer->text.empty() || offer->text.ends_with('\n'));
        size_t lines = 0;
        for (size_t at = offer->text.find("\n- "); at != std::string::npos;
             at = offer->text.find("\n- ", at + 1))
            ++lines;
        QCOMPARE(lines, offer->use.rules.size() + offer->use.techniques.size());
        if (share >= 2000)
            QVERIFY(!offer->use.techniques.empty());
    }

    void fittingRulesComeFirstAndPinnedOnesBeforeThem()
    {
        teach("one", "work-items must not diverge at a barrier");
        teach("two", "there are no templates in this language");
        teach("three", "a vector is written with its type in parentheses");
        QCOMPARE(m_memory->rulesFor(query("error: templates are what?"))->use.rules.front(),
                 std::string("opencl/two"));
        QCOMPARE(m_memory->rulesFor(query("BARRIER reached by some"))->use.rules.front(),
                 std::string("opencl/one"));
        QVERIFY(m_memory->setPinned("opencl/three", true).has_value());
        QCOMPARE(m_memory->rulesFor(query("templates"))->use.rules.front(), std::string("opencl/three"));
    }

    void queriesFullOfOperatorsAreOnlyText_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("quotes") << QStringLiteral("\"' OR 1=1; DROP TABLE rule; --");
        QTest::newRow("FTS operators") << QStringLiteral("NEAR(a b) AND NOT sentence* ^x {y}:z");
        QTest::newRow("columns") << QStringLiteral("sentence : class - tags");
        QTest::newRow("ill-formed") << QString::fromLatin1("\xff\xfe sentence \x01");
        QTest::newRow("long")
            << QString(100'000, QLatin1Char('a')).append(QStringLiteral(" b c")).repeated(5);
    }
    void queriesFullOfOperatorsAreOnlyText()
    {
        QFETCH(QString, text);
        teach("a");
        const auto offer = m_memory->rulesFor(query(text.toStdString()));
        QVERIFY2(offer.has_value(), offer ? "" : offer.error().message().c_str());
        QCOMPARE(offer->use.rules.size(), size_t {1});
    }

    void rulesStayWithTheirLanguageTagsAndDevice()
    {
        teach("a");
        teach("limit-work-group");
        MemoryQuery asked = query();
        asked.language = "cuda";
        QVERIFY(m_memory->rulesFor(asked)->text.empty());
        QCOMPARE(m_memory->rulesFor(query())->use.rules.size(), size_t {2});
        asked = query();
        asked.device = "another device";
        QCOMPARE(m_memory->rulesFor(asked)->use.rules, std::vector<std::string> {"opencl/a"});
        const auto key = m_memory->write("opencl", "only for reductions", {"reduction"});
        QVERIFY(key.has_value());
        asked.tags = {"stencil"};
        QCOMPARE(m_memory->rulesFor(asked)->use.rules.size(), size_t {1});
        asked.tags = {"stencil", "reduction"};
        QCOMPARE(m_memory->rulesFor(asked)->use.rules.size(), size_t {2});
    }

    void theSameQueryGivesTheSameText()
    {
        for (int i = 0; i < 30; ++i)
            teach("class-" + std::to_string(i), "words " + std::to_string(i % 3));
        const std::string first = m_memory->rulesFor(query("words 2"))->text;
        m_memory.reset();
        auto reopened = Memory::open(file());
        QVERIFY(reopened.has_value());
        m_memory = std::move(*reopened);
        QCOMPARE(m_memory->rulesFor(query("words 2"))->text, first);
    }

    void aQuietRuleDecaysAndANewFailureBringsItBack()
    {
        teach("a");
        Lessons lessons;
        for (int i = 10; i < 90; ++i)
            lessons.prompts.push_back(prompt(i, false, true));
        QVERIFY(m_memory->learn(lessons).has_value());
        QVERIFY2(m_memory->rule("opencl/a")->active, "a rule that was shown and obeyed was forgotten");
        QCOMPARE(m_memory->rule("opencl/a")->counters.quiet, 0);

        lessons.prompts.clear();
        for (int i = 100; i < 170; ++i)
            lessons.prompts.push_back(prompt(i, true, true));
        QVERIFY(m_memory->learn(lessons).has_value());
        const auto quiet = m_memory->rule("opencl/a");
        QCOMPARE(quiet->counters.quiet, 70);
        QVERIFY(!quiet->active);

        lessons.prompts.clear();
        lessons.failures = {lesson("a", "s", 200)};
        lessons.failures.front().sighting.time = 1000;
        QVERIFY(m_memory->learn(lessons).has_value());
        QVERIFY(m_memory->rule("opencl/a")->active);
    }

    void pinnedRulesDoNotDecayAndRefutedOnesAreNotTold()
    {
        teach("a");
        Lessons lessons;
        for (int i = 100; i < 200; ++i)
            lessons.prompts.push_back(prompt(i, true, true));
        QVERIFY(m_memory->learn(lessons).has_value());
        QVERIFY(m_memory->setPinned("opencl/a", true).has_value());
        QVERIFY(m_memory->rule("opencl/a")->active);
        teach("b");
        QVERIFY(m_memory->setCheck("opencl/b", RuleCheck::Refuted, "a device").has_value());
        QVERIFY(!m_memory->rule("opencl/b")->active);
        QVERIFY(m_memory->setCheck("opencl/b", RuleCheck::Holds, "a device").has_value());
        QVERIFY(m_memory->rule("opencl/b")->active);
    }

    void countersTellPromptsWithAndWithout()
    {
        teach("a");
        Lessons lessons;
        lessons.prompts = {prompt(1, false, true),
                           prompt(2, false, false, "a"),
                           prompt(3, false, false, "b"),
                           prompt(4, true, false, "a"),
                           prompt(5, true, false, "a"),
                           prompt(6, true, true),
                           prompt(7, true, true, {}, "opencl/unknown")};
        QVERIFY(m_memory->learn(lessons).has_value());
        const RuleCounters counters = m_memory->rule("opencl/a")->counters;
        QCOMPARE(counters.shown, 3);
        QCOMPARE(counters.failuresShown, 1);
        QCOMPARE(counters.heldOut, 3);
        QCOMPARE(counters.failuresHeldOut, 2);
        const auto effect = m_memory->effect();
        QCOMPARE(effect->with.prompts, 3);
        QCOMPARE(effect->with.passed, 1);
        QCOMPARE(effect->without.prompts, 4);
        QCOMPARE(effect->without.passed, 2);
        QVERIFY(effect->difference.low < effect->difference.value
                && effect->difference.value < effect->difference.high);
        QCOMPARE(m_memory->effect("cuda")->with.prompts, 0);
    }

    void promptsThatMemoryHadNothingForAreNotCompared()
    {
        Lessons lessons;
        lessons.prompts = {prompt(1, false, true)};
        lessons.prompts.front().use.rules.clear();
        QVERIFY(m_memory->learn(lessons).has_value());
        QCOMPARE(m_memory->effect()->with.prompts, 0);
    }

    /// Figures of table II in Newcombe's paper, method 10.
    void theIntervalIsThePublishedOne_data()
    {
        QTest::addColumn<int>("a");
        QTest::addColumn<int>("m");
        QTest::addColumn<int>("b");
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("56/70 - 48/80") << 56 << 70 << 48 << 80 << 0.0524 << 0.3339;
        QTest::newRow("9/10 - 3/10") << 9 << 10 << 3 << 10 << 0.1705 << 0.8090;
        QTest::newRow("10/10 - 0/20") << 10 << 10 << 0 << 20 << 0.6791 << 1.0;
        QTest::newRow("0/10 - 0/20") << 0 << 10 << 0 << 20 << -0.1611 << 0.2775;
    }
    void theIntervalIsThePublishedOne()
    {
        QFETCH(int, a);
        QFETCH(int, m);
        QFETCH(int, b);
        QFETCH(int, n);
        QFETCH(double, low);
        QFETCH(double, high);
        const Estimate difference = differenceOf({a, m}, {b, n});
        QVERIFY2(std::abs(difference.low - low) < 1e-4, std::to_string(difference.low).c_str());
        QVERIFY2(std::abs(difference.high - high) < 1e-4, std::to_string(difference.high).c_str());
    }

    void theHeldOutShareDependsOnSeedAndStepAlone()
    {
        int heldOut = 0, other = 0, same = 0;
        for (int step = 1; step <= 5000; ++step) {
            heldOut += isHeldOut(7, step) ? 1 : 0;
            other += isHeldOut(8, step) ? 1 : 0;
            same += isHeldOut(7, step) == isHeldOut(7, step) ? 1 : 0;
        }
        QCOMPARE(same, 5000);
        QVERIFY(heldOut > 900 && heldOut < 1100);
        QVERIFY(other > 900 && other < 1100);
        QVERIFY(!isHeldOut(7, 1, 0) && isHeldOut(7, 1, 1));
    }

    void aHeldOutPromptGetsNoTextAndIsKnownForWhatItWouldHaveGot()
    {
        teach("a");
        const auto held = m_memory->offer(query(), 1, 1, 1.0);
        QVERIFY(held->text.empty());
        QVERIFY(held->use.heldOut);
        QCOMPARE(held->use.rules, std::vector<std::string> {"opencl/a"});
        const auto told = m_memory->offer(query(), 1, 1, 0.0);
        QVERIFY(!told->use.heldOut && !told->text.empty());
    }

    void techniquesKeepTheirLossesAndTheirSpread()
    {
        Lessons lessons;
        lessons.gains = {gain("tiles", 3, 2), gain("tiles", 0.8, 3), gain("tiles", 2, 4),
                         gain("unrolling", 1.5, 5), gain("tiles", 9, 6, "compute")};
        QVERIFY(m_memory->learn(lessons).has_value());
        const auto techniques = m_memory->techniques();
        QCOMPARE(techniques->size(), size_t {3});
        const Technique &tiles = (*techniques)[1];
        QCOMPARE(tiles.bottleneck, std::string("memory"));
        QCOMPARE(tiles.name, std::string("tiles"));
        QCOMPARE(tiles.count, 3);
        QCOMPARE(tiles.median, 2.0);
        QCOMPARE(tiles.least, 0.8);
        QCOMPARE(tiles.best.to, CandidateId {2});
        QCOMPARE(m_memory->gains(tiles)->size(), size_t {3});
        MemoryQuery asked = query();
        asked.bottleneck = "memory";
        const std::string text = m_memory->rulesFor(asked)->text;
        QVERIFY2(text.find("- tiles: median 2.00x, from 0.80x to 3.00x in 3 pairs") != std::string::npos,
                 text.c_str());
        QVERIFY(text.find("9.00") == std::string::npos);
    }

    void severalProcessesLearnAtOnce()
    {
        m_memory.reset();
        fs::remove(file());
        std::vector<pid_t> children;
        for (int child = 0; child < 4; ++child) {
            const pid_t pid = fork();
            QVERIFY(pid >= 0);
            if (pid == 0) {
                auto memory = Memory::open(file());
                bool ok = memory.has_value();
                for (int i = 0; ok && i < 25; ++i) {
                    Lessons lessons;
                    lessons.failures = {lesson("a", "session " + std::to_string(child), i)};
                    ok = (*memory)->learn(lessons).has_value() && (*memory)->rulesFor(query()).has_value();
                }
                _exit(ok ? 0 : 1);
            }
            children.push_back(pid);
        }
        for (const pid_t pid : children) {
            int status = -1;
            QCOMPARE(waitpid(pid, &status, 0), pid);
            QCOMPARE(status, 0);
        }
        auto memory = Memory::open(file());
        QVERIFY(memory.has_value());
        QCOMPARE((*memory)->rule("opencl/a")->counters.support, 100);
        int left = 0;
        for (const auto &entry : fs::directory_iterator(m_folder->path().toStdString()))
            left += entry.path().string().ends_with(".new") ? 1 : 0;
        QCOMPARE(left, 0);
    }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
