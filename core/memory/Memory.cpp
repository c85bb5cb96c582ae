// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/Memory.h"

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/memory/MemoryReader.h"
#include "core/memory/MemorySchema.h"
#include "core/memory/Offering.h"
#include "core/memory/Sentence.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr const char *kHowToBegin = "Learn from a session with 'warpwright-cli memory learn FILE'";

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Makes an empty memory beside its place and moves it there, so that a file that exists is whole. Where
/// another process was faster, its file stays.
Status makeFile(const std::string &path)
{
    const std::string what = fmt::format("cannot create {}", path);
    const char *remedy = "Make the folder writable, or name another file with --memory";
    const std::string draft = fmt::format("{}.{}.new", path, randomToken());
    const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failure(ErrorCode::Io, what, std::strerror(errno), remedy);
    ::close(fd);
    Status status = [&]() -> Status {
        WW_TRY(const std::unique_ptr<SqlConnection> connection,
               SqlConnection::open(draft, SqlConnection::Access::ReadWrite));
        WW_CHECK(migrate(*connection, memoryLayout(), 0));
        return connection->execute("PRAGMA journal_mode=WAL");
    }();
    if (status && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST)
        status = failure(ErrorCode::Io, what, std::strerror(errno), remedy);
    ::unlink(draft.c_str());
    return status;
}

bool intersects(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    return std::any_of(a.begin(), a.end(),
                       [&](const std::string &one) { return std::find(b.begin(), b.end(), one) != b.end(); });
}

} // namespace

struct Memory::State {
    std::string path;
    std::unique_ptr<SqlConnection> connection;

    Status inTransaction(const std::function<Status()> &work);
    Result<StoredRule> find(const std::string &key);
    /// The row of a rule that is there, deleted or not; 0 when there is none.
    Result<int64_t> rowOf(const std::string &key);
    /// Adds the rule, or brings one back that was deleted where `revive` says so; true when it is new.
    Result<bool> put(const Rule &rule, bool revive);
    Status index(int64_t row, const Rule &rule);
    Status set(const std::string &key, const char *assignment,
               const std::function<void(SqlStatement &)> &bind);
    Status addFailure(const Lesson &lesson, LearnReport &report);
    Status addPrompt(const PromptOutcome &prompt, LearnReport &report);
    Status addGain(const Gain &gain, LearnReport &report);
    Result<bool> changed();
};

Status Memory::State::inTransaction(const std::function<Status()> &work)
{
    WW_CHECK(connection->execute("BEGIN IMMEDIATE"));
    Status status = work();
    if (status)
        status = connection->execute("COMMIT");
    if (!status)
        (void)connection->execute("ROLLBACK"); // fails where SQLite has rolled back already
    return status;
}

Result<bool> Memory::State::changed()
{
    WW_TRY(const int64_t rows, connection->integer("SELECT changes()"));
    return rows > 0;
}

Result<StoredRule> Memory::State::find(const std::string &key)
{
    WW_TRY(std::vector<StoredRule> found, readRules(*connection, {}, key));
    if (!key.empty() && !found.empty())
        return std::move(found.front());
    WW_TRY(const std::vector<StoredRule> all, readRules(*connection, {}));
    std::vector<std::string> keys;
    for (const StoredRule &stored : all)
        keys.push_back(stored.record.rule.key);
    return failure(ErrorCode::NotFound, fmt::format("there is no rule '{}'", key),
                   fmt::format("the memory holds {} rules{}", keys.size(), didYouMean(key, keys)),
                   "'warpwright-cli memory list' shows their keys");
}

Result<int64_t> Memory::State::rowOf(const std::string &key)
{
    WW_TRY(SqlStatement row, connection->prepare("SELECT id FROM rule WHERE key = ?1"));
    row.bind(1, std::string_view(key));
    WW_TRY(const bool there, row.step());
    return there ? row.integer(0) : 0;
}

Status Memory::State::index(int64_t row, const Rule &rule)
{
    WW_TRY(SqlStatement insert,
           connection->prepare("INSERT OR REPLACE INTO rule_text(rowid, sentence, class, tags) "
                               "VALUES(?1, ?2, ?3, ?4)"));
    const std::string tags = joinedTags(rule.tags);
    insert.bind(1, row);
    insert.bind(2, std::string_view(rule.sentence));
    insert.bind(3, std::string_view(rule.errorClass));
    insert.bind(4, std::string_view(tags));
    return insert.run();
}

Result<bool> Memory::State::put(const Rule &rule, bool revive)
{
    const std::string tags = joinedTags(rule.tags);
    WW_TRY(SqlStatement insert,
           connection->prepare(
               revive ? "INSERT INTO rule(key, class, language, sentence, tags, origin, claimed, falsifier, "
                        "expectation, verdict, verdict_on, pinned, disabled, edited, deleted, created) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, ?15) "
                        "ON CONFLICT(key) DO UPDATE SET sentence = ?4, tags = ?5, origin = ?6, claimed = ?7, "
                        "falsifier = ?8, expectation = ?9, pinned = ?12, disabled = ?13, edited = ?14, "
                        "deleted = 0 WHERE deleted = 1"
                      : "INSERT OR IGNORE INTO rule(key, class, language, sentence, tags, origin, claimed, "
                        "falsifier, expectation, verdict, verdict_on, pinned, disabled, edited, deleted, "
                        "created) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, ?15)"));
    insert.bind(1, std::string_view(rule.key));
    insert.bind(2, std::string_view(rule.errorClass));
    insert.bind(3, std::string_view(rule.language));
    insert.bind(4, std::string_view(rule.sentence));
    insert.bind(5, std::string_view(tags));
    insert.bind(6, std::string_view(rule.origin));
    insert.bind(7, rule.claimed);
    insert.bind(8, std::string_view(rule.falsifier.source));
    insert.bind(9, std::string_view(toString(rule.falsifier.expectation)));
    insert.bind(10, std::string_view(toString(rule.check)));
    insert.bind(11, std::string_view(rule.checkedOn));
    insert.bind(12, int64_t {rule.pinned});
    insert.bind(13, int64_t {rule.disabled});
    insert.bind(14, int64_t {rule.edited});
    insert.bind(15, rule.createdAt > 0 ? rule.createdAt : now());
    WW_CHECK(insert.run());
    WW_TRY(const bool isNew, changed());
    if (!isNew)
        return false;
    WW_TRY(const int64_t row, rowOf(rule.key));
    WW_CHECK(index(row, rule));
    return true;
}

Status Memory::State::set(const std::string &key, const char *assignment,
                          const std::function<void(SqlStatement &)> &bind)
{
    WW_TRY(const StoredRule stored, find(key));
    WW_TRY(SqlStatement update,
           connection->prepare(fmt::format("UPDATE rule SET {} WHERE id = ?1", assignment)));
    update.bind(1, stored.id);
    bind(update);
    return update.run();
}

Status Memory::State::addFailure(const Lesson &lesson, LearnReport &report)
{
    WW_TRY(const bool isNew, put(lesson.rule, false));
    WW_TRY(const std::vector<StoredRule> found, readRules(*connection, {}, lesson.rule.key));
    if (found.empty())
        return {}; // a person deleted it
    const StoredRule &stored = found.front();
    const Sighting &sighting = lesson.sighting;
    WW_TRY(SqlStatement insert,
           connection->prepare("INSERT OR IGNORE INTO sighting VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    insert.bind(1, stored.id);
    insert.bind(2, std::string_view(sighting.session));
    insert.bind(3, sighting.candidate);
    insert.bind(4, std::string_view(sighting.backend));
    insert.bind(5, std::string_view(sighting.device));
    insert.bind(6, std::string_view(sighting.toolkit));
    insert.bind(7, std::string_view(sighting.diagnostic));
    insert.bind(8, sighting.time);
    WW_CHECK(insert.run());
    WW_TRY(const bool added, changed());
    report.sightings += added ? 1 : 0;
    if (isNew)
        report.newCandidates.push_back(lesson.rule.key);
    if (added && stored.record.counters.support + 1 == kLeastSupport)
        report.newRules.push_back(lesson.rule.key);
    return {};
}

Status Memory::State::addPrompt(const PromptOutcome &prompt, LearnReport &report)
{
    WW_TRY(
        SqlStatement insert,
        connection->prepare("INSERT OR IGNORE INTO prompt(session, candidate, language, held_out, offered, "
                            "passed, class, time) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    insert.bind(1, std::string_view(prompt.session));
    insert.bind(2, prompt.candidate);
    insert.bind(3, std::string_view(prompt.language));
    insert.bind(4, int64_t {prompt.use.heldOut});
    insert.bind(5, static_cast<int64_t>(prompt.use.rules.size() + prompt.use.techniques.size()));
    insert.bind(6, int64_t {prompt.passed});
    insert.bind(7, std::string_view(prompt.errorClass));
    insert.bind(8, prompt.time);
    WW_CHECK(insert.run());
    WW_TRY(const bool added, changed());
    if (!added)
        return {};
    ++report.prompts;
    WW_TRY(const int64_t row, connection->integer("SELECT last_insert_rowid()"));
    for (const std::string &key : prompt.use.rules) {
        WW_TRY(const int64_t rule, rowOf(key));
        if (rule == 0)
            continue; // of another memory file
        WW_TRY(SqlStatement offered, connection->prepare("INSERT OR IGNORE INTO offered VALUES(?1, ?2)"));
        offered.bind(1, rule);
        offered.bind(2, row);
        WW_CHECK(offered.run());
    }
    return {};
}

Status Memory::State::addGain(const Gain &gain, LearnReport &report)
{
    WW_TRY(SqlStatement insert,
           connection->prepare("INSERT OR IGNORE INTO gain VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                               "?11, ?12)"));
    insert.bind(1, std::string_view(gain.session));
    insert.bind(2, gain.from);
    insert.bind(3, gain.to);
    insert.bind(4, std::string_view(gain.task));
    insert.bind(5, std::string_view(gain.language));
    insert.bind(6, std::string_view(gain.device));
    insert.bind(7, std::string_view(gain.bottleneck));
    insert.bind(8, std::string_view(gain.technique));
    insert.bind(9, gain.ratio);
    insert.bind(10, gain.low);
    insert.bind(11, gain.high);
    insert.bind(12, gain.time);
    WW_CHECK(insert.run());
    WW_TRY(const bool added, changed());
    report.gains += added ? 1 : 0;
    return {};
}

Memory::Memory(std::unique_ptr<State> state) : m_state(std::move(state)) { }

Memory::~Memory() = default;

Result<std::string> Memory::defaultPath()
{
    WW_TRY(const std::string folder, dataDirectory());
    return folder + "/memory.sqlite";
}

Result<std::unique_ptr<Memory>> Memory::open(const std::string &path)
{
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error)
        WW_CHECK(makeFile(path));
    WW_CHECK(checkIsFile(path, memoryLayout(), kHowToBegin));
    auto state = std::make_unique<State>();
    state->path = path;
    WW_TRY(state->connection, SqlConnection::open(path, SqlConnection::Access::ReadWrite));
    WW_CHECK(checkMagic(*state->connection, memoryLayout(), path));
    // A lesson lost with the power is learned again from its session.
    WW_CHECK(state->connection->execute("PRAGMA synchronous=NORMAL"));
    WW_CHECK(upgrade(*state->connection, memoryLayout()));
    WW_CHECK(checkLayout(*state->connection, memoryLayout(), path));
    WW_TRY(const std::string verdict, state->connection->text("PRAGMA quick_check(1)"));
    if (verdict != "ok")
        return failure(ErrorCode::BadInput, fmt::format("cannot use {}", path),
                       fmt::format("the file is damaged: {}", verdict),
                       "Move it away; learning from your sessions again fills a new one");
    return std::unique_ptr<Memory>(new Memory(std::move(state)));
}

Result<MemoryOffer> Memory::rulesFor(const MemoryQuery &query) const
{
    SqlConnection &connection = *m_state->connection;
    WW_TRY(const std::vector<StoredRule> stored, readRules(connection, query.language));
    std::string words = query.text;
    for (const std::string &tag : query.tags)
        words += " " + tag;
    WW_TRY(const auto relevance, readRelevance(connection, words));
    std::vector<RankedRule> fitting;
    for (const StoredRule &one : stored) {
        const Rule &rule = one.record.rule;
        if (!one.record.active || (!rule.tags.empty() && !intersects(rule.tags, query.tags)))
            continue;
        if (isDeviceLimit(rule.errorClass) && !rule.pinned) {
            WW_TRY(const std::vector<Sighting> sightings, readSightings(connection, one.id));
            const bool here = std::any_of(sightings.begin(), sightings.end(), [&](const Sighting &sighting) {
                return sighting.device == query.device;
            });
            if (!here)
                continue;
        }
        const auto found = relevance.find(one.id);
        fitting.push_back({rule, one.record.strength, found == relevance.end() ? 0 : found->second});
    }
    WW_TRY(const std::vector<Technique> known, techniques(query.language));
    return composeOffer(std::move(fitting), known, query);
}

Result<MemoryOffer> Memory::offer(const MemoryQuery &query, uint64_t seed, int step,
                                  double heldOutShare) const
{
    WW_TRY(MemoryOffer offer, rulesFor(query));
    offer.use.heldOut = isHeldOut(seed, step, heldOutShare);
    if (offer.use.heldOut)
        offer.text.clear();
    return offer;
}

Result<std::vector<RuleRecord>> Memory::rules(const std::string &language) const
{
    WW_TRY(std::vector<StoredRule> stored, readRules(*m_state->connection, language));
    std::vector<RuleRecord> records;
    for (StoredRule &one : stored)
        records.push_back(std::move(one.record));
    std::stable_sort(records.begin(), records.end(), [](const RuleRecord &a, const RuleRecord &b) {
        return a.strength > b.strength; // by key before
    });
    return records;
}

Result<RuleRecord> Memory::rule(const std::string &key) const
{
    WW_TRY(StoredRule stored, m_state->find(key));
    return std::move(stored.record);
}

Result<std::vector<Sighting>> Memory::sightings(const std::string &key) const
{
    WW_TRY(const StoredRule stored, m_state->find(key));
    return readSightings(*m_state->connection, stored.id);
}

Result<std::vector<Technique>> Memory::techniques(const std::string &language) const
{
    WW_TRY(const std::vector<Gain> all, readGains(*m_state->connection, language));
    return techniquesFrom(all);
}

Result<std::vector<Gain>> Memory::gains(const Technique &technique) const
{
    WW_TRY(std::vector<Gain> all, readGains(*m_state->connection, technique.language));
    std::erase_if(all, [&](const Gain &gain) {
        return gain.bottleneck != technique.bottleneck || gain.technique != technique.name;
    });
    return all;
}

Result<MemoryEffect> Memory::effect(const std::string &language) const
{
    WW_TRY(
        SqlStatement rows,
        m_state->connection->prepare("SELECT held_out, count(*), sum(passed) FROM prompt WHERE offered > 0 "
                                     "AND (?1 = '' OR language = ?1) GROUP BY held_out"));
    rows.bind(1, std::string_view(language));
    MemoryEffect effect;
    for (;;) {
        WW_TRY(const bool more, rows.step());
        if (!more)
            break;
        PassCount &count = rows.integer(0) != 0 ? effect.without : effect.with;
        count = {static_cast<int>(rows.integer(2)), static_cast<int>(rows.integer(1))};
    }
    effect.difference = differenceOf(effect.with, effect.without);
    return effect;
}

Result<std::string> Memory::write(const std::string &language, const std::string &sentence,
                                  const std::vector<std::string> &tags)
{
    WW_TRY(Rule rule, writtenRule(language, sentence));
    rule.tags = tags;
    rule.edited = true;
    WW_CHECK(m_state->inTransaction([&]() -> Status {
        WW_TRY([[maybe_unused]] const bool isNew, m_state->put(rule, true));
        return {};
    }));
    return rule.key;
}

Status Memory::edit(const std::string &key, const std::string &sentence)
{
    WW_TRY(const std::string checked, checkedSentence(sentence));
    return m_state->inTransaction([&]() -> Status {
        WW_TRY(StoredRule stored, m_state->find(key));
        WW_CHECK(m_state->set(key, "sentence = ?2, edited = 1",
                              [&](SqlStatement &update) { update.bind(2, std::string_view(checked)); }));
        stored.record.rule.sentence = checked;
        return m_state->index(stored.id, stored.record.rule);
    });
}

Status Memory::setPinned(const std::string &key, bool pinned)
{
    return m_state->inTransaction([&] {
        return m_state->set(key, "pinned = ?2",
                            [&](SqlStatement &update) { update.bind(2, int64_t {pinned}); });
    });
}

Status Memory::setDisabled(const std::string &key, bool disabled)
{
    return m_state->inTransaction([&] {
        return m_state->set(key, "disabled = ?2",
                            [&](SqlStatement &update) { update.bind(2, int64_t {disabled}); });
    });
}

Status Memory::remove(const std::string &key)
{
    return m_state->inTransaction([&]() -> Status {
        WW_TRY(const StoredRule stored, m_state->find(key));
        WW_CHECK(m_state->set(key, "deleted = 1, pinned = 0, edited = 0", [](SqlStatement &) {}));
        return m_state->connection->execute(fmt::format("DELETE FROM rule_text WHERE rowid = {0}; "
                                                        "DELETE FROM sighting WHERE rule = {0}",
                                                        stored.id));
    });
}

Status Memory::setCheck(const std::string &key, RuleCheck check, const std::string &checkedOn)
{
    return m_state->inTransaction([&] {
        return m_state->set(key, "verdict = ?2, verdict_on = ?3", [&](SqlStatement &update) {
            update.bind(2, std::string_view(toString(check)));
            update.bind(3, std::string_view(checkedOn));
        });
    });
}

Result<LearnReport> Memory::learn(const Lessons &lessons)
{
    LearnReport report;
    WW_CHECK(m_state->inTransaction([&]() -> Status {
        for (const Lesson &lesson : lessons.failures)
            WW_CHECK(m_state->addFailure(lesson, report));
        for (const PromptOutcome &prompt : lessons.prompts)
            WW_CHECK(m_state->addPrompt(prompt, report));
        for (const Gain &gain : lessons.gains)
            WW_CHECK(m_state->addGain(gain, report));
        return {};
    }));
    return report;
}

Result<LearnReport> Memory::add(const std::vector<Rule> &rules)
{
    LearnReport report;
    WW_CHECK(m_state->inTransaction([&]() -> Status {
        for (const Rule &rule : rules) {
            WW_TRY(const bool isNew, m_state->put(rule, true));
            if (isNew)
                report.newRules.push_back(rule.key);
        }
        return {};
    }));
    return report;
}

} // namespace ww
