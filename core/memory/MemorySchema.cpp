// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/MemorySchema.h"

namespace ww {

const SqlLayout &memoryLayout()
{
    // A deleted rule stays as a row, so that learning does not bring it back. `rule_text` has a row for each
    // that was not deleted, under the rule's id. The identifier is "WWME".
    static const SqlLayout layout {"memory file", 0x57574d45, {R"(
CREATE TABLE rule(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, class TEXT NOT NULL, language TEXT NOT NULL,
                  sentence TEXT NOT NULL, tags TEXT NOT NULL, origin TEXT NOT NULL, claimed REAL NOT NULL,
                  falsifier TEXT NOT NULL, expectation TEXT NOT NULL, verdict TEXT NOT NULL,
                  verdict_on TEXT NOT NULL, pinned INTEGER NOT NULL, disabled INTEGER NOT NULL,
                  edited INTEGER NOT NULL, deleted INTEGER NOT NULL, created REAL NOT NULL);
CREATE TABLE sighting(rule INTEGER NOT NULL REFERENCES rule(id), session TEXT NOT NULL,
                      candidate INTEGER NOT NULL, backend TEXT NOT NULL, device TEXT NOT NULL,
                      toolkit TEXT NOT NULL, diagnostic TEXT NOT NULL, time REAL NOT NULL,
                      PRIMARY KEY(rule, session, candidate)) WITHOUT ROWID;
CREATE TABLE prompt(id INTEGER PRIMARY KEY, session TEXT NOT NULL, candidate INTEGER NOT NULL,
                    language TEXT NOT NULL, held_out INTEGER NOT NULL, offered INTEGER NOT NULL,
                    passed INTEGER NOT NULL, class TEXT NOT NULL, time REAL NOT NULL,
                    UNIQUE(session, candidate));
CREATE TABLE offered(rule INTEGER NOT NULL REFERENCES rule(id), prompt INTEGER NOT NULL REFERENCES prompt(id),
                     PRIMARY KEY(rule, prompt)) WITHOUT ROWID;
CREATE TABLE gain(session TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL, task TEXT NOT NULL,
                  language TEXT NOT NULL, device TEXT NOT NULL, bottleneck TEXT NOT NULL,
                  technique TEXT NOT NULL, ratio REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
                  time REAL NOT NULL, PRIMARY KEY(session, source, target, technique)) WITHOUT ROWID;
CREATE INDEX gain_by_technique ON gain(language, bottleneck, technique);
CREATE VIRTUAL TABLE rule_text USING fts5(sentence, class, tags, tokenize="unicode61 tokenchars '_'");
)"}};
    return layout;
}

} // namespace ww
