// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Journal.h"

#include "core/base/Hash.h"
#include "core/journal/EventJson.h"
#include "core/journal/EventReader.h"
#include "core/journal/FileLock.h"
#include "core/journal/JournalSchema.h"
#include "core/journal/StoredRow.h"
#include "core/journal/TemporaryCopy.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr const char *kHowToBegin =
    "Name an existing session file, or start one with 'warpwright-cli search'";

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// True when there is no such file, or one that holds nothing.
bool isFree(const std::string &path)
{
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0)
        return errno == ENOENT;
    return S_ISREG(info.st_mode) && info.st_size == 0;
}

/// Makes an empty session beside its place and moves it there, so that a file that exists is whole.
Status makeFile(const std::string &path)
{
    const std::string what = fmt::format("cannot create {}", path);
    const std::string draft = path + ".new"; // ours alone: the caller holds the lock
    const char *remedy = "Name a file in an existing folder that you can write";
    ::unlink((draft + "-journal").c_str());
    const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return failure(ErrorCode::Io, what, std::strerror(errno), remedy);
    ::close(fd);
    Status status = [&]() -> Status {
        WW_TRY(const std::unique_ptr<SqlConnection> connection,
               SqlConnection::open(draft, SqlConnection::Access::ReadWrite));
        return migrate(*connection, journalLayout(), 0);
    }();
    if (status && ::rename(draft.c_str(), path.c_str()) != 0)
        status = failure(ErrorCode::Io, what, std::strerror(errno), remedy);
    if (!status)
        ::unlink(draft.c_str());
    return status;
}

/// So that a new file's name survives a power cut as its content does.
void syncFolderOf(const std::string &path)
{
    const std::string folder = std::filesystem::absolute(path).parent_path().string();
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ::fsync(fd);
    ::close(fd);
}

Status makeDurable(SqlConnection &connection)
{
    return connection.execute("PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL");
}

} // namespace

struct Journal::State {
    std::string path;
    bool writable = false;
    // In this order: the connection closes, and with it the file is whole, before the lock goes.
    std::unique_ptr<FileLock> lock;
    std::unique_ptr<TemporaryCopy> copy;
    std::unique_ptr<SqlConnection> connection;
    std::optional<SqlStatement> insertEvent, insertText, insertSamples;
    int64_t lastSeq = 0;

    Status prepareToAppend();
    Status insert(const Event &event);
    Status inTransaction(const std::function<Status()> &work);
};

Status Journal::State::prepareToAppend()
{
    writable = true;
    WW_TRY(insertEvent, connection->prepare("INSERT INTO event VALUES(?1, ?2, ?3, ?4, ?5)"));
    WW_TRY(insertText, connection->prepare("INSERT OR IGNORE INTO text VALUES(?1, ?2)"));
    WW_TRY(insertSamples, connection->prepare("INSERT INTO samples VALUES(?1, ?2, ?3, ?4, ?5)"));
    WW_TRY(lastSeq, connection->integer("SELECT max(seq) FROM event"));
    WW_TRY(const int64_t count, connection->integer("SELECT count(*) FROM event"));
    if (count != lastSeq)
        return damaged(path, fmt::format("of {} events {} are missing", lastSeq, lastSeq - count));
    return {};
}

Status Journal::State::insert(const Event &event)
{
    const PackedEvent packed = packEvent(event.body);
    for (const std::string &text : packed.texts) {
        const std::string hash = hashBytes(sha256Hex(text));
        insertText->bindBlob(1, hash);
        insertText->bindBlob(2, text);
        WW_CHECK(insertText->run());
    }
    insertEvent->bind(1, event.seq);
    insertEvent->bind(2, event.time);
    insertEvent->bind(3, std::string_view(packed.kind));
    insertEvent->bind(4, std::string_view(packed.body));
    insertEvent->bind(5, checksum({bytesOf(event.seq), bytesOf(event.time), packed.kind, packed.body}));
    WW_CHECK(insertEvent->run());
    for (const PackedEvent::Samples &samples : packed.samples) {
        const auto place = static_cast<int64_t>(samples.place);
        const std::string_view data = bytesOf(samples.us);
        insertSamples->bind(1, event.seq);
        insertSamples->bind(2, place);
        insertSamples->bind(3, std::string_view(samples.workload));
        insertSamples->bindBlob(4, data);
        insertSamples->bind(5, checksum({bytesOf(event.seq), bytesOf(place), data}));
        WW_CHECK(insertSamples->run());
    }
    return {};
}

Status Journal::State::inTransaction(const std::function<Status()> &work)
{
    if (!writable)
        return failure(ErrorCode::Internal, fmt::format("cannot write {}", path),
                       "it was opened for reading");
    WW_CHECK(connection->execute("BEGIN IMMEDIATE"));
    Status status = work();
    if (status)
        status = connection->execute("COMMIT");
    if (!status)
        (void)connection->execute("ROLLBACK"); // fails where SQLite has rolled back already
    return status;
}

Journal::Journal(std::unique_ptr<State> state) : m_state(std::move(state)) { }

Journal::~Journal() = default;

const std::string &Journal::path() const
{
    return m_state->path;
}

Result<std::unique_ptr<Journal>> Journal::create(const std::string &path)
{
    auto state = std::make_unique<State>();
    state->path = path;
    WW_TRY(state->lock, FileLock::acquire(path));
    if (!isFree(path)) {
        state.reset();
        Result<std::unique_ptr<Journal>> existing = openForAppend(path);
        if (existing && (*existing)->m_state->lastSeq == 0)
            return existing;
        return failure(ErrorCode::BadInput, fmt::format("cannot create {}", path), "it exists",
                       "Name another file, or go on with it by 'warpwright-cli resume'");
    }
    WW_CHECK(makeFile(path));
    WW_TRY(state->connection, SqlConnection::open(path, SqlConnection::Access::ReadWrite));
    WW_CHECK(makeDurable(*state->connection));
    WW_CHECK(state->prepareToAppend());
    syncFolderOf(path);
    return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<std::unique_ptr<Journal>> Journal::openForAppend(const std::string &path)
{
    WW_CHECK(checkIsFile(path, journalLayout(), kHowToBegin));
    auto state = std::make_unique<State>();
    state->path = path;
    WW_TRY(state->lock, FileLock::acquire(path));
    WW_TRY(state->connection, SqlConnection::open(path, SqlConnection::Access::ReadWrite));
    WW_CHECK(checkMagic(*state->connection, journalLayout(), path));
    WW_CHECK(upgrade(*state->connection, journalLayout()));
    WW_CHECK(checkLayout(*state->connection, journalLayout(), path));
    WW_CHECK(makeDurable(*state->connection));
    WW_TRY(const std::string verdict, state->connection->text("PRAGMA quick_check(1)"));
    if (verdict != "ok")
        return damaged(path, verdict);
    WW_CHECK(state->prepareToAppend());
    return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<std::unique_ptr<Journal>> Journal::openForReading(const std::string &path)
{
    WW_CHECK(checkIsFile(path, journalLayout(), kHowToBegin));
    auto state = std::make_unique<State>();
    state->path = path;
    WW_TRY(state->connection, SqlConnection::open(path, SqlConnection::Access::Read));
    WW_CHECK(checkMagic(*state->connection, journalLayout(), path));
    if (!state->connection->integer("SELECT count(*) FROM sqlite_master")) {
        // A WAL file needs a folder that can be written. Without a log beside it the file is all there
        // is; with one, the log must be folded in, which a copy allows.
        std::error_code error;
        const uintmax_t logBytes = std::filesystem::file_size(path + "-wal", error);
        if (!error && logBytes > 0) {
            WW_TRY(state->copy, TemporaryCopy::make(path));
            WW_TRY(state->connection,
                   SqlConnection::open(state->copy->path(), SqlConnection::Access::ReadWrite));
        } else {
            WW_TRY(state->connection, SqlConnection::open(path, SqlConnection::Access::ReadUnchanging));
        }
    }
    WW_CHECK(checkLayout(*state->connection, journalLayout(), path));
    return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<Event> Journal::append(EventBody body)
{
    return appendAt(now(), std::move(body));
}

Result<Event> Journal::appendAt(double time, EventBody body)
{
    Event event {m_state->lastSeq + 1, time, std::move(body)};
    WW_CHECK(m_state->inTransaction([&] { return m_state->insert(event); }));
    m_state->lastSeq = event.seq;
    return event;
}

Status Journal::appendAll(std::vector<Event> events)
{
    int64_t seq = m_state->lastSeq;
    WW_CHECK(m_state->inTransaction([&]() -> Status {
        for (Event &event : events) {
            event.seq = ++seq;
            WW_CHECK(m_state->insert(event));
        }
        return {};
    }));
    m_state->lastSeq = seq;
    return {};
}

Result<std::vector<Event>> Journal::read(int64_t after) const
{
    std::vector<Event> events;
    WW_CHECK(EventReader(*m_state->connection, m_state->path).readAll(after, [&](Event event) -> Status {
        events.push_back(std::move(event));
        return {};
    }));
    return events;
}

Result<Session> Journal::load() const
{
    Session session;
    WW_CHECK(EventReader(*m_state->connection, m_state->path).readAll(0, [&](const Event &event) -> Status {
        Status applied = session.apply(event);
        if (!applied)
            return damaged(m_state->path, applied.error().message());
        return {};
    }));
    if (session.lastSeq == 0)
        return failure(ErrorCode::BadInput, fmt::format("cannot read {}", m_state->path),
                       "the session was never begun", "Delete the file and start the search again");
    return session;
}

} // namespace ww
