// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/JournalSchema.h"

namespace ww {

const SqlLayout &journalLayout()
{
    // `check` columns hold a CRC-32, so that a flipped bit is found when the row is read; texts are checked
    // by the hash they stand under. The identifier is "WWRT".
    static const SqlLayout layout {"session file",
                                   0x57575254,
                                   {
                                       R"(
CREATE TABLE event(seq INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
                   "check" INTEGER NOT NULL);
CREATE TABLE text(hash BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE samples(event INTEGER NOT NULL REFERENCES event(seq), place INTEGER NOT NULL,
                     workload TEXT NOT NULL, data BLOB NOT NULL, "check" INTEGER NOT NULL,
                     PRIMARY KEY(event, place));
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER text_is_never_changed BEFORE UPDATE ON text
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER text_is_never_deleted BEFORE DELETE ON text
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER samples_are_never_changed BEFORE UPDATE ON samples
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
CREATE TRIGGER samples_are_never_deleted BEFORE DELETE ON samples
    BEGIN SELECT RAISE(ABORT, 'a session is append-only'); END;
)"}};
    return layout;
}

} // namespace ww
