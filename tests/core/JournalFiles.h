// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/journal/Journal.h"
#include "tests/core/SearchFixtures.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

/// Session files as tests of the journal write, read and spoil them.
namespace ww {

/// Runs SQL on a file as another program would; false with the message on a failure.
inline std::pair<bool, std::string> runSql(const std::string &path, const std::string &sql)
{
    sqlite3 *db = nullptr;
    char *message = nullptr;
    bool ok = sqlite3_open(path.c_str(), &db) == SQLITE_OK;
    ok = ok && sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK;
    const std::string text = message ? message : "";
    sqlite3_free(message);
    sqlite3_close(db);
    return {ok, text};
}

/// Every kind of event, with samples, build logs, ill-formed text and a person's edit.
inline std::vector<EventBody> everyKindOfEvent()
{
    SearchConfig config;
    config.seed = 0xFEDCBA9876543210;
    config.constants.c = 0.1 + 0.2;
    Capabilities device;
    device.backend = "opencl";
    device.device = "a device";
    device.sandbox = "none";
    CandidateProposed edit = fixtures::proposed(2, 1, 0, MoveKind::Edit, "a \xff title");
    edit.candidate.source = std::string("nul \0 inside and \xfe", 18);
    edit.candidate.lineage = {{1, LineageRole::Base}, {1, LineageRole::Inspiration}};
    edit.move.hint = "try wider loads";
    edit.candidate.memory = MemoryUse {true, {"opencl/missing-address-space"}, {"vector loads"}};
    return {fixtures::created(config),
            RunStarted {{device}, config, false},
            fixtures::proposed(1, 0, 1, MoveKind::Large),
            EvaluationFinished {1, false, fixtures::passed(2.5), PolicyOutcome {true, true, 2.5, 0.1 + 0.6}},
            EvaluationFinished {1, true, fixtures::passed(2.4, 100), {}},
            edit,
            EvaluationFinished {2, false, fixtures::failed(Verdict::CompileError), PolicyOutcome {}},
            StepWithoutCandidate {2, {}, "none left"},
            RunStopped {"user", "by hand"}};
}

inline Result<Session> loaded(const std::string &file)
{
    WW_TRY(const std::unique_ptr<Journal> journal, Journal::openForReading(file));
    return journal->load();
}

inline void writeBytes(const std::string &file, const QByteArray &bytes)
{
    QFile out(QString::fromStdString(file));
    QVERIFY(out.open(QIODevice::WriteOnly));
    QCOMPARE(out.write(bytes), bytes.size());
}

inline QByteArray readBytes(const std::string &file)
{
    QFile in(QString::fromStdString(file));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

/// Writes a closed file with every kind of event.
inline void writeEverything(const std::string &file)
{
    const auto journal = Journal::create(file);
    QVERIFY2(journal, journal ? "" : journal.error().message().c_str());
    for (const EventBody &body : everyKindOfEvent())
        QVERIFY((*journal)->append(body));
}

} // namespace ww
