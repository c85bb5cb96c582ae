// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/journal/EventJson.h"
#include "core/journal/EventReader.h"
#include "tests/core/JournalFiles.h"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

using namespace ww;
namespace fs = std::filesystem;

namespace {

/// Both ways of opening must refuse it, with the file's name, words of the reason, and a remedy.
void verifyRefused(const std::string &file, const std::string &words)
{
    const auto forAppend = Journal::openForAppend(file);
    const Result<Session> session = loaded(file);
    Error appendError;
    if (forAppend) {
        const Result<Session> viaAppend = (*forAppend)->load();
        QVERIFY(!viaAppend);
        appendError = viaAppend.error();
    } else {
        appendError = forAppend.error();
    }
    QVERIFY(!session);
    for (const Error &error : {appendError, session.error()}) {
        const std::string message = error.message();
        QVERIFY2(message.find(file) != std::string::npos, message.c_str());
        QVERIFY2(message.find(words) != std::string::npos, message.c_str());
        QVERIFY2(!error.remedy.empty(), message.c_str());
    }
}

} // namespace

/// Files of strangers, and files that were damaged.
class TestJournalDamage : public QObject {
    Q_OBJECT

private slots:
    void init();
    void strangersFilesAreRefusedWithARemedy_data();
    void strangersFilesAreRefusedWithARemedy();
    void everyFlippedByteIsSeenOrHarmless();
    void aTruncatedFileIsRefused();
    void aMissingTextIsNamed();
    void nonsenseInABodyIsNamed_data();
    void nonsenseInABodyIsNamed();
    void aLogWithAGapIsRefused();
    void aTextNamedTooOftenIsRefused();

private:
    std::string path(const char *name = "s.wwsession") const
    {
        return m_folder->filePath(QString::fromUtf8(name)).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestJournalDamage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestJournalDamage::strangersFilesAreRefusedWithARemedy_data()
{
    QTest::addColumn<QByteArray>("bytes"); ///< of the file; or …
    QTest::addColumn<QByteArray>("sql"); ///< … what makes it
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("text") << QByteArray("a shopping list\n") << QByteArray()
                          << QByteArray("not a session file");
    QTest::newRow("empty") << QByteArray("") << QByteArray() << QByteArray("not a session file");
    QTest::newRow("magic alone") << QByteArray("SQLite format 3\0", 16) << QByteArray() << QByteArray("");
    QTest::newRow("magic and zeros") << QByteArray("SQLite format 3\0", 16) + QByteArray(4080, '\0')
                                     << QByteArray() << QByteArray("");
    QTest::newRow("another application")
        << QByteArray() << QByteArray("CREATE TABLE event(a); PRAGMA application_id=7")
        << QByteArray("another application");
    QTest::newRow("newer version")
        << QByteArray()
        << QByteArray("CREATE TABLE event(a); PRAGMA application_id=1465340500; PRAGMA user_version=2")
        << QByteArray("newer version");
    QTest::newRow("version 0") << QByteArray()
                               << QByteArray("CREATE TABLE event(a); PRAGMA application_id=1465340500")
                               << QByteArray("unknown layout");
    QTest::newRow("another layout")
        << QByteArray()
        << QByteArray("CREATE TABLE event(a); PRAGMA application_id=1465340500; PRAGMA user_version=1")
        << QByteArray("not those of a session");
}

void TestJournalDamage::strangersFilesAreRefusedWithARemedy()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, words);
    if (sql.isEmpty())
        writeBytes(path(), bytes);
    else
        QVERIFY(runSql(path(), sql.toStdString()).first);
    verifyRefused(path(), words.toStdString());
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files).size(), 1); // nothing is left beside it
    QVERIFY(!Journal::openForReading(m_folder->path().toStdString())); // a folder
    QVERIFY(!Journal::openForReading(path("missing")));
    QVERIFY(!QFile::exists(QString::fromStdString(path("missing"))));
}

void TestJournalDamage::everyFlippedByteIsSeenOrHarmless()
{
    writeEverything(path());
    const QByteArray whole = readBytes(path());
    const Result<Session> intact = loaded(path());
    QVERIFY(intact);
    const std::string broken = path("broken.wwsession");
    int seen = 0;
    RandomStream random(1, 1);
    for (int round = 0; round < 150; ++round) {
        QByteArray bytes = whole;
        const auto at = static_cast<qsizetype>(random.below(static_cast<uint32_t>(bytes.size())));
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        writeBytes(broken, bytes);
        const Result<Session> session = loaded(broken);
        if (!session) {
            ++seen;
            QVERIFY(!session.error().message().empty());
            continue;
        }
        // What still opens must say the same: the flip hit unused space.
        QCOMPARE(session->lastSeq, intact->lastSeq);
        for (size_t i = 1; i < intact->nodes.size(); ++i) {
            QCOMPARE(session->nodes[i].candidate.source, intact->nodes[i].candidate.source);
            QCOMPARE(session->nodes[i].evaluation->speedupRatio(),
                     intact->nodes[i].evaluation->speedupRatio());
        }
    }
    QVERIFY2(seen > 15, QByteArray::number(seen));
}

void TestJournalDamage::aTruncatedFileIsRefused()
{
    writeEverything(path());
    const QByteArray whole = readBytes(path());
    for (const qsizetype size : {100, 2000, 4096, 8192, 12288, 16384}) {
        if (size >= whole.size())
            continue;
        const std::string cut = path("cut.wwsession");
        writeBytes(cut, whole.left(size));
        verifyRefused(cut, "");
    }
}

void TestJournalDamage::aMissingTextIsNamed()
{
    writeEverything(path());
    // The guards keep honest programs out; this one takes them away and puts them back.
    QVERIFY(runSql(path(),
                   "CREATE TABLE copy AS SELECT sql FROM sqlite_master WHERE name = 'text_is_never_deleted';"
                   "DROP TRIGGER text_is_never_deleted; DELETE FROM text WHERE rowid > 1;"
                   "DROP TABLE copy;"
                   "CREATE TRIGGER text_is_never_deleted BEFORE DELETE ON text\n"
                   "    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END")
                .first);
    verifyRefused(path(), "is missing");
}

void TestJournalDamage::nonsenseInABodyIsNamed_data()
{
    QTest::addColumn<QByteArray>("kind");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("no JSON") << QByteArray("run_stopped") << QByteArray("nonsense");
    QTest::newRow("a list") << QByteArray("run_stopped") << QByteArray("[1,2]");
    QTest::newRow("a field missing") << QByteArray("run_stopped") << QByteArray("{\"reason\":\"user\"}");
    QTest::newRow("a wrong type") << QByteArray("run_stopped")
                                  << QByteArray("{\"reason\":1,\"detail\":\"\"}");
    QTest::newRow("an unknown kind") << QByteArray("party") << QByteArray("{}");
    QTest::newRow("deep") << QByteArray("run_stopped") << QByteArray(100'000, '[');
    QTest::newRow("no UTF-8") << QByteArray("run_stopped")
                              << QByteArray("{\"reason\":\"\xff\",\"detail\":\"\"}");
    QTest::newRow("a text that is no hash")
        << QByteArray("candidate_proposed")
        << QByteArray(
               "{\"step\":3,\"move\":{\"kind\":\"large\",\"parent\":0,\"context\":[]},\"id\":3,\"parent\":0,"
               "\"lineage\":[],\"kind\":\"large\",\"origin\":\"\",\"title\":\"\",\"source\":\"../x\","
               "\"parameters\":{}}");
    QTest::newRow("an unknown role")
        << QByteArray("candidate_proposed")
        << QByteArray(
               "{\"step\":3,\"move\":{\"kind\":\"large\",\"parent\":0,\"context\":[[1,\"friend\"]]},\"id\":3,"
               "\"parent\":0,\"lineage\":[],\"kind\":\"large\",\"origin\":\"\",\"title\":\"\",\"source\":"
               "\"\","
               "\"parameters\":{}}");
    QTest::newRow("an evaluation of nothing")
        << QByteArray("evaluation_finished")
        << QByteArray("{\"id\":1,\"confirmation\":false,\"evaluation\":null}");
}

void TestJournalDamage::nonsenseInABodyIsNamed()
{
    QFETCH(QByteArray, kind);
    QFETCH(QByteArray, body);
    EventAttachments nothing;
    nothing.text = [](const std::string &) -> Result<std::string> {
        return failure(ErrorCode::BadInput, "no such text");
    };
    const Result<EventBody> event = unpackEvent(kind.toStdString(), body.toStdString(), nothing);
    QVERIFY(!event);
    QCOMPARE(event.error().code, ErrorCode::BadInput);
    QVERIFY(event.error().message().size() < 1000);
}

void TestJournalDamage::aLogWithAGapIsRefused()
{
    writeEverything(path());
    QVERIFY(runSql(path(),
                   "DROP TRIGGER event_is_never_deleted; PRAGMA foreign_keys=OFF;"
                   "DELETE FROM event WHERE seq = 3;"
                   "CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event\n"
                   "    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END")
                .first);
    verifyRefused(path(), "missing");
}

void TestJournalDamage::aTextNamedTooOftenIsRefused()
{
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    QVERIFY((*journal)->append(fixtures::created()));
    for (CandidateId id = 1; id <= 30; ++id) {
        CandidateProposed event = fixtures::proposed(id, 0, static_cast<int>(id), MoveKind::Large);
        event.candidate.source = std::string(40'000, 'x'); // once on disk, thirty times in memory
        QVERIFY((*journal)->append(event));
    }
    const auto connection = SqlConnection::open(path(), SqlConnection::Access::Read);
    QVERIFY(connection);
    const std::string file = path();
    const auto ignore = [](const Event &) { return Status(); };
    QVERIFY(EventReader(**connection, file, 2'000'000).readAll(0, ignore));
    const Status status = EventReader(**connection, file, 1'000'000).readAll(0, ignore);
    QVERIFY(!status);
    QVERIFY2(status.error().message().find("1000000 bytes") != std::string::npos,
             status.error().message().c_str());
}

QTEST_APPLESS_MAIN(TestJournalDamage)
#include "tst_journal_damage.moc"
