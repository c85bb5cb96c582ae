// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/EventJson.h"
#include "core/journal/EventReader.h"
#include "tests/core/JournalFiles.h"

#include <QDir>
#include <QElapsedTimer>

#include <filesystem>
#include <thread>

#include <csignal>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ww;
namespace fs = std::filesystem;

namespace {

void compareBodies(const EventBody &a, const EventBody &b)
{
    const PackedEvent first = packEvent(a), second = packEvent(b);
    QCOMPARE(second.kind, first.kind);
    QCOMPARE(second.body, first.body);
    QCOMPARE(second.texts, first.texts);
    QCOMPARE(second.samples.size(), first.samples.size());
    for (size_t i = 0; i < first.samples.size(); ++i)
        QCOMPARE(second.samples[i].us, first.samples[i].us);
}

} // namespace

/// Session files as they are written and read, by one process or two.
class TestJournal : public QObject {
    Q_OBJECT

private slots:
    void init();
    void eventsComeBackAsTheyWent();
    void theProjectionOfAFileIsThatOfItsEvents();
    void readingGoesOnFromAnySeq();
    void textsAreStoredOnce();
    void rowsCanNeitherBeChangedNorDeleted_data();
    void rowsCanNeitherBeChangedNorDeleted();
    void theFileSaysWhoseItIs();
    void importsAreWholeOrNotThere();
    void aFileIsNotCreatedTwice();
    void anEmptySessionOfAKilledProcessIsTakenOver();
    void aSecondWriterIsToldAboutTheFirst();
    void theLockVanishesWithItsProcess();
    void aReaderSeesWhatAWriterHasAppended();
    void readingTakesNoLockFromAWriterOfTheSameProcess();
    void readingLeavesNoFilesBehind();
    void aFolderThatCannotBeWrittenIsReadAllTheSame_data();
    void aFolderThatCannotBeWrittenIsReadAllTheSame();
    void aKilledWriterLosesNothingItWasTold();
    void aFullDiskLosesNothingThatWasAccepted();
    void aFolderThatCannotBeWrittenIsSaidSo();
    void loadingTakesTimeInProportion();

private:
    std::string path(const char *name = "s.wwsession") const
    {
        return m_folder->filePath(QString::fromUtf8(name)).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestJournal::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestJournal::eventsComeBackAsTheyWent()
{
    writeEverything(path());
    const auto journal = Journal::openForReading(path());
    QVERIFY(journal);
    const auto events = (*journal)->read();
    QVERIFY2(events, events ? "" : events.error().message().c_str());
    const std::vector<EventBody> expected = everyKindOfEvent();
    QCOMPARE(events->size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE((*events)[i].seq, static_cast<int64_t>(i + 1));
        compareBodies(expected[i], (*events)[i].body);
    }
    const auto &edit = std::get<CandidateProposed>((*events)[5].body).candidate;
    QCOMPARE(edit.source, std::get<CandidateProposed>(expected[5]).candidate.source); // byte for byte
    QCOMPARE(edit.title, std::string("a \xEF\xBF\xBD title"));
    const auto &config = std::get<SessionCreated>((*events)[0].body).config;
    QCOMPARE(config.seed, uint64_t {0xFEDCBA9876543210});
    QCOMPARE(config.constants.c, 0.1 + 0.2);
    const auto &finished = std::get<EvaluationFinished>((*events)[3].body);
    QCOMPARE(finished.outcome->reward, 0.1 + 0.6);
    QCOMPARE(finished.evaluation.timing[0].samplesUs, fixtures::passed(2.5).timing[0].samplesUs);
    QCOMPARE(std::get<EvaluationFinished>((*events)[6].body).evaluation.buildLog,
             std::string("log of made to fail"));
}

void TestJournal::theProjectionOfAFileIsThatOfItsEvents()
{
    writeEverything(path());
    const Result<Session> session = loaded(path());
    QVERIFY(session);
    QCOMPARE(session->sessionId, std::string("0123456789abcdef"));
    QCOMPARE(session->task->name, std::string("doubling"));
    QCOMPARE(session->task->variants.size(), size_t(3));
    QCOMPARE(session->nodes.size(), size_t(3));
    QCOMPARE(session->confirmedBest, CandidateId(1));
    QCOMPARE(session->stepsDone, 2);
    QCOMPARE(session->stopReason, std::string("user"));
    QCOMPARE(session->lastSeq, int64_t(9));
}

void TestJournal::readingGoesOnFromAnySeq()
{
    writeEverything(path());
    const auto journal = Journal::openForReading(path());
    QVERIFY(journal);
    const auto last = (*journal)->read(7);
    QVERIFY(last);
    QCOMPARE(last->size(), size_t(2));
    QCOMPARE(last->front().seq, int64_t(8));
    QVERIFY((*journal)->read(9)->empty());
    QVERIFY((*journal)->read(1000)->empty());
}

void TestJournal::textsAreStoredOnce()
{
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    QVERIFY((*journal)->append(fixtures::created()));
    const std::string source(100'000, 's');
    for (CandidateId id = 1; id <= 50; ++id) {
        CandidateProposed event = fixtures::proposed(id, 0, static_cast<int>(id), MoveKind::Large);
        event.candidate.source = source;
        event.candidate.parameters = {{"N", id}};
        QVERIFY((*journal)->append(event));
    }
    QCOMPARE((*journal)->load()->nodes[50].candidate.source, source);
    QVERIFY(fs::file_size(path()) + fs::file_size(path() + "-wal") < 1'000'000);
}

void TestJournal::rowsCanNeitherBeChangedNorDeleted_data()
{
    QTest::addColumn<QByteArray>("sql");
    for (const char *table : {"event", "text", "samples"}) {
        QTest::addRow("change %s", table) << QByteArray("UPDATE ") + table + " SET rowid = rowid + 100";
        QTest::addRow("delete %s", table) << QByteArray("DELETE FROM ") + table;
    }
    QTest::newRow("replace") << QByteArray("PRAGMA recursive_triggers=ON; INSERT OR REPLACE INTO event "
                                           "SELECT seq, 0, kind, body, \"check\" FROM event WHERE seq = 2");
}

void TestJournal::rowsCanNeitherBeChangedNorDeleted()
{
    QFETCH(QByteArray, sql);
    writeEverything(path());
    const auto [ok, message] = runSql(path(), sql.toStdString());
    QVERIFY(!ok);
    QVERIFY2(message.find("append-only") != std::string::npos, message.c_str());
    QVERIFY(loaded(path()));
}

void TestJournal::theFileSaysWhoseItIs()
{
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    QCOMPARE(readBytes(path()).mid(68, 4), QByteArray("WWRT"));
}

void TestJournal::importsAreWholeOrNotThere()
{
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    std::vector<Event> events;
    for (EventBody &body : everyKindOfEvent())
        events.push_back({0, 5, std::move(body)});
    events.push_back({0, std::nan(""), RunStarted {}}); // a time that cannot be stored
    QVERIFY(!(*journal)->appendAll(events));
    QVERIFY((*journal)->read()->empty());
    events.pop_back();
    QVERIFY((*journal)->appendAll(events));
    QCOMPARE((*journal)->read()->size(), size_t(9));
    QCOMPARE((*journal)->read()->front().time, 5.0);
    QVERIFY((*journal)->append(RunStarted {}));
}

void TestJournal::aFileIsNotCreatedTwice()
{
    writeEverything(path());
    const QByteArray before = readBytes(path());
    const auto again = Journal::create(path());
    QVERIFY(!again);
    QVERIFY(again.error().message().find("exists") != std::string::npos);
    QVERIFY(again.error().message().find("resume") != std::string::npos);
    QCOMPARE(readBytes(path()), before);
    writeBytes(path("notes.txt"), "notes");
    QVERIFY(!Journal::create(path("notes.txt")));
    QCOMPARE(readBytes(path("notes.txt")), QByteArray("notes"));
    QVERIFY(!Journal::create(path("no/such/folder/s.wwsession")));
}

void TestJournal::anEmptySessionOfAKilledProcessIsTakenOver()
{
    QVERIFY(Journal::create(path())); // closed again with no event in it
    QVERIFY(!loaded(path()));
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    QVERIFY((*journal)->append(fixtures::created()));
    writeBytes(path("empty"), "");
    QVERIFY(Journal::create(path("empty")));
}

void TestJournal::aSecondWriterIsToldAboutTheFirst()
{
    const auto first = Journal::create(path());
    QVERIFY(first);
    const auto second = Journal::openForAppend(path());
    QVERIFY(!second);
    const std::string message = second.error().message();
    char host[256] = {};
    QCOMPARE(::gethostname(host, sizeof host - 1), 0);
    QVERIFY2(message.find("process " + std::to_string(::getpid())) != std::string::npos, message.c_str());
    QVERIFY2(message.find(host) != std::string::npos, message.c_str());
    QVERIFY(!second.error().remedy.empty());
    fs::create_symlink(path(), path("another name"));
    QVERIFY(!Journal::openForAppend(path("another name")));
}

void TestJournal::theLockVanishesWithItsProcess()
{
    writeEverything(path());
    int ready[2];
    QCOMPARE(::pipe(ready), 0);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const auto journal = Journal::openForAppend(path());
        const char answer = journal ? 'y' : 'n';
        (void)!::write(ready[1], &answer, 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    QCOMPARE(::read(ready[0], &answer, 1), ssize_t(1));
    QCOMPARE(answer, 'y');
    QVERIFY(!Journal::openForAppend(path()));
    QVERIFY(loaded(path())); // reading is no writing
    QCOMPARE(::kill(child, SIGKILL), 0);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    QVERIFY(Journal::openForAppend(path()));
    ::close(ready[0]);
    ::close(ready[1]);
}

void TestJournal::aReaderSeesWhatAWriterHasAppended()
{
    const auto writer = Journal::create(path());
    QVERIFY(writer);
    QVERIFY((*writer)->append(fixtures::created()));
    const auto reader = Journal::openForReading(path());
    QVERIFY(reader);
    std::jthread writing([&] {
        for (int step = 1; step <= 300; ++step)
            (void)(*writer)->append(StepWithoutCandidate {step, {}, "none"});
    });
    int64_t last = 0;
    while (last < 301) {
        const auto events = (*reader)->read(last);
        QVERIFY2(events, events ? "" : events.error().message().c_str());
        if (!events->empty())
            last = events->back().seq;
    }
    QVERIFY(!(*reader)->append(RunStarted {})); // a reader cannot write
}

void TestJournal::readingTakesNoLockFromAWriterOfTheSameProcess()
{
    // Without it another process that reads takes itself for the last one when it closes the file, and
    // removes the log in which the writer's next events would be.
    const auto isLocked = [this] {
        constexpr off_t kSharedFirst = 0x40000000 + 2, kSharedSize = 510; // as SQLite's file format says
        const pid_t child = ::fork(); // a process does not see its own locks
        if (child == 0) {
            const int fd = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
            struct flock lock = {F_WRLCK, SEEK_SET, kSharedFirst, kSharedSize, 0};
            ::_exit(fd >= 0 && ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK ? 0 : 1);
        }
        int status = 1;
        ::waitpid(child, &status, 0);
        return status == 0;
    };
    const auto writer = Journal::create(path());
    QVERIFY(writer);
    QVERIFY((*writer)->append(fixtures::created()));
    QVERIFY(isLocked());
    QVERIFY(loaded(path()));
    QVERIFY(isLocked());
    QVERIFY(!Journal::openForAppend(path()));
    QVERIFY(isLocked());
}

void TestJournal::readingLeavesNoFilesBehind()
{
    writeEverything(path());
    QVERIFY(loaded(path()));
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files).size(), 1);
}

void TestJournal::aFolderThatCannotBeWrittenIsReadAllTheSame_data()
{
    QTest::addColumn<bool>("cutOff");
    QTest::newRow("closed in peace") << false;
    QTest::newRow("copied from a killed search") << true;
}

void TestJournal::aFolderThatCannotBeWrittenIsReadAllTheSame()
{
    QFETCH(bool, cutOff);
    const fs::path folder = m_folder->path().toStdString() + "/locked # 100%";
    fs::create_directory(folder);
    const std::string file = (folder / "s.wwsession").string();
    if (cutOff) {
        const auto journal = Journal::create(path());
        for (const EventBody &body : everyKindOfEvent())
            QVERIFY((*journal)->append(body));
        fs::copy_file(path(), file); // with the writer alive: all that happened is still in the log
        fs::copy_file(path() + "-wal", file + "-wal");
    } else {
        writeEverything(file);
    }
    fs::permissions(m_folder->path().toStdString(), fs::perms(0755));
    for (const auto &entry : fs::directory_iterator(folder))
        fs::permissions(entry.path(), fs::perms(0444));
    fs::permissions(folder, fs::perms(0555));
    // The superuser may write anywhere, so his tests read as nobody.
    const int before = ::geteuid() == 0 ? ::setfsuid(65534) : -1;
    const Result<Session> session = loaded(file);
    if (before >= 0)
        ::setfsuid(static_cast<uid_t>(before));
    fs::permissions(folder, fs::perms(0755));
    QVERIFY2(session, session ? "" : session.error().message().c_str());
    QCOMPARE(session->lastSeq, int64_t(9));
    QCOMPARE(QDir(QString::fromStdString(folder.string())).entryList(QDir::Files).size(), cutOff ? 2 : 1);
}

void TestJournal::aKilledWriterLosesNothingItWasTold()
{
    for (int round = 0; round < 8; ++round) {
        const std::string file = path(("killed" + std::to_string(round)).c_str());
        int told[2];
        QCOMPARE(::pipe(told), 0);
        const pid_t child = ::fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            const auto journal = Journal::create(file);
            if (!journal || !(*journal)->append(fixtures::created()))
                ::_exit(1);
            for (int step = 1;; ++step) {
                if ((*journal)->append(StepWithoutCandidate {step, {}, std::string(2000, 'w')}))
                    (void)!::write(told[1], &step, sizeof step);
            }
        }
        ::close(told[1]);
        ::usleep(static_cast<useconds_t>(20'000 + 9'000 * round));
        QCOMPARE(::kill(child, SIGKILL), 0);
        QCOMPARE(::waitpid(child, nullptr, 0), child);
        int last = 0, step = 0;
        while (::read(told[0], &step, sizeof step) == ssize_t(sizeof step))
            last = step;
        ::close(told[0]);
        const auto journal = Journal::openForAppend(file);
        if (last == 0 && !journal)
            continue; // killed before there was anything to lose
        QVERIFY2(journal, journal ? "" : journal.error().message().c_str());
        const auto events = (*journal)->read();
        QVERIFY(events);
        QVERIFY(static_cast<int>(events->size()) >= last + (last > 0 ? 1 : 0));
        QVERIFY((*journal)->append(RunStarted {}) || events->empty());
    }
}

void TestJournal::aFullDiskLosesNothingThatWasAccepted()
{
    const auto journal = Journal::create(path());
    QVERIFY(journal);
    QVERIFY((*journal)->append(fixtures::created()));
    // A limit on file sizes stands in for the end of the disk: writes fail in the same place.
    rlimit before {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 300'000;
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    int accepted = 0;
    Error error;
    for (int step = 1; step <= 1000; ++step) {
        const auto event = (*journal)->append(StepWithoutCandidate {step, {}, std::string(5000, 'w')});
        if (!event) {
            error = event.error();
            break;
        }
        ++accepted;
    }
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, oldHandler);
    QVERIFY(accepted > 5 && accepted < 1000);
    QCOMPARE(error.code, ErrorCode::Io);
    QVERIFY2(!error.remedy.empty(), error.message().c_str());
    QCOMPARE((*journal)->read()->size(), size_t(accepted + 1));
    // With space again it goes on where it was.
    const auto next = (*journal)->append(StepWithoutCandidate {accepted + 1, {}, "none"});
    QVERIFY(next);
    QCOMPARE(next->seq, int64_t(accepted + 2));
    QCOMPARE((*journal)->load()->stepsDone, accepted + 1);
}

void TestJournal::aFolderThatCannotBeWrittenIsSaidSo()
{
    writeEverything(path());
    fs::permissions(m_folder->path().toStdString(), fs::perms(0555));
    fs::permissions(path(), fs::perms(0444));
    const int before = ::geteuid() == 0 ? ::setfsuid(65534) : -1;
    const auto journal = Journal::openForAppend(path());
    const auto fresh = Journal::create(path("new.wwsession"));
    if (before >= 0)
        ::setfsuid(static_cast<uid_t>(before));
    fs::permissions(m_folder->path().toStdString(), fs::perms(0755));
    for (const auto *result : {&journal, &fresh}) {
        QVERIFY(!*result);
        QCOMPARE(result->error().code, ErrorCode::Io);
        QVERIFY(!result->error().remedy.empty());
    }
}

namespace {

/// Writes a session of that many candidates, each with four workloads of 60 samples.
void writeLongSession(const std::string &file, CandidateId candidates)
{
    const auto journal = Journal::create(file);
    QVERIFY(journal);
    std::vector<Event> events;
    events.push_back({0, 1, fixtures::created()});
    events.push_back({0, 1, RunStarted {}});
    for (CandidateId id = 1; id <= candidates; ++id) {
        events.push_back({0, 2, fixtures::proposed(id, id / 3, static_cast<int>(id), MoveKind::Large)});
        Evaluation evaluation = fixtures::passed(1 + static_cast<double>(id) * 1e-4, 60);
        for (const char *workload : {"odd", "large", "tall"}) {
            evaluation.timing.push_back(evaluation.timing[0]);
            evaluation.timing.back().workload = workload;
            evaluation.correctness.push_back(
                {workload, "default", "y", 1e-6, 1e-6, 1, 7, 1, 1, 99, true, {}, {}, false});
        }
        events.push_back(
            {0, 2, EvaluationFinished {id, false, evaluation, PolicyOutcome {true, true, 1, 0.5}}});
    }
    QVERIFY((*journal)->appendAll(std::move(events)));
}

} // namespace

void TestJournal::loadingTakesTimeInProportion()
{
    // 10 000 candidates load in about a second in a release build; here it is only shown that twice as
    // many do not take much more than twice as long.
    qint64 milliseconds[2];
    for (const int doubled : {0, 1}) {
        const std::string file = path(doubled ? "long.wwsession" : "short.wwsession");
        const CandidateId candidates = doubled ? 800 : 400;
        writeLongSession(file, candidates);
        QElapsedTimer timer;
        timer.start();
        const Result<Session> session = loaded(file);
        milliseconds[doubled] = timer.elapsed();
        QVERIFY(session);
        QCOMPARE(session->nodes.size(), static_cast<size_t>(candidates + 1));
    }
    const QByteArray shown =
        QByteArray::number(milliseconds[0]) + " ms, " + QByteArray::number(milliseconds[1]) + " ms";
    QVERIFY2(milliseconds[1] < 4 * milliseconds[0] + 500, shown);
}

QTEST_APPLESS_MAIN(TestJournal)
#include "tst_journal.moc"
