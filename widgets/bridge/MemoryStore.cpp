// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bridge/MemoryStore.h"

#include "core/base/Paths.h"
#include "core/memory/Memory.h"
#include "core/memory/RuleList.h"

#include "widgets/bridge/BackgroundJobs.h"
#include "widgets/bridge/Views.h"

#include <functional>
#include <mutex>

namespace ww::ui {

namespace {

constexpr size_t kMaxListBytes = 16u << 20;

RuleView ruleView(const RuleRecord &record)
{
    RuleView view;
    view.key = text(record.rule.key);
    view.language = text(record.rule.language);
    view.errorClass = text(record.rule.errorClass);
    view.sentence = text(record.rule.sentence);
    view.origin = text(record.rule.origin);
    view.support = record.counters.support;
    view.shown = record.counters.shown;
    view.failuresShown = record.counters.failuresShown;
    view.heldOut = record.counters.heldOut;
    view.failuresHeldOut = record.counters.failuresHeldOut;
    view.strength = record.strength;
    view.active = record.active;
    view.pinned = record.rule.pinned;
    view.disabled = record.rule.disabled;
    view.edited = record.rule.edited;
    view.check = text(toString(record.rule.check));
    return view;
}

Result<MemoryView> readMemory(const Memory &memory)
{
    MemoryView view;
    WW_TRY(const std::vector<RuleRecord> rules, memory.rules());
    for (const RuleRecord &record : rules) {
        RuleView rule = ruleView(record);
        WW_TRY(const std::vector<Sighting> sightings, memory.sightings(record.rule.key));
        QStringList lines;
        for (size_t i = 0; i < sightings.size() && i < 5; ++i)
            lines << text(sightings[i].diagnostic);
        rule.evidence = lines.join(QLatin1Char('\n'));
        view.rules.append(std::move(rule));
    }
    WW_TRY(const std::vector<Technique> techniques, memory.techniques());
    for (const Technique &t : techniques)
        view.techniques.append(
            {text(t.language), text(t.bottleneck), text(t.name), t.count, t.median, t.least, t.most});
    WW_TRY(const MemoryEffect effect, memory.effect());
    view.effect = {effect.with.passed,     effect.with.prompts,     effect.without.passed,
                   effect.without.prompts, effect.difference.value, effect.difference.low,
                   effect.difference.high};
    return view;
}

using Change = std::function<Result<QString>(Memory &)>; ///< answers with what to tell, or nothing

struct Changed {
    MemoryView memory;
    QString said;
};

Result<Changed> changeAndRead(const Change &change)
{
    WW_TRY(const std::string path, Memory::defaultPath());
    WW_TRY(const std::unique_ptr<Memory> memory, Memory::open(path));
    Changed changed;
    if (change) {
        WW_TRY(changed.said, change(*memory));
    }
    WW_TRY(changed.memory, readMemory(*memory));
    return changed;
}

Result<QString> quietly(const Status &status)
{
    if (!status)
        return tl::make_unexpected(status.error());
    return QString();
}

} // namespace

struct MemoryStore::Private {
    explicit Private(MemoryStore *owner) : q(owner), jobs(owner) { }

    MemoryStore *q;
    std::mutex order; ///< one change at a time
    BackgroundJobs jobs; ///< last: waits for its threads before anything else goes

    void run(Change change)
    {
        const auto work = [this, change = std::move(change)] {
            const std::lock_guard lock(order);
            return changeAndRead(change);
        };
        jobs.run(work, [this](const Result<Changed> &changed) {
            if (!changed) {
                emit q->failed(problemView(changed.error()));
                return;
            }
            emit q->loaded(changed->memory);
            if (!changed->said.isEmpty())
                emit q->done(changed->said);
        });
    }
};

MemoryStore::MemoryStore(QObject *parent) : QObject(parent), d(std::make_unique<Private>(this)) { }

MemoryStore::~MemoryStore() = default;

void MemoryStore::load()
{
    d->run({});
}

void MemoryStore::edit(const QString &key, const QString &sentence)
{
    d->run([key = key.toStdString(), words = sentence.simplified().toStdString()](Memory &memory) {
        return quietly(memory.edit(key, words));
    });
}

void MemoryStore::setPinned(const QString &key, bool pinned)
{
    d->run(
        [key = key.toStdString(), pinned](Memory &memory) { return quietly(memory.setPinned(key, pinned)); });
}

void MemoryStore::setDisabled(const QString &key, bool disabled)
{
    d->run([key = key.toStdString(), disabled](Memory &memory) {
        return quietly(memory.setDisabled(key, disabled));
    });
}

void MemoryStore::remove(const QString &key)
{
    d->run([key = key.toStdString()](Memory &memory) { return quietly(memory.remove(key)); });
}

void MemoryStore::write(const QString &language, const QString &sentence)
{
    d->run([language = language.toStdString(),
            words = sentence.simplified().toStdString()](Memory &memory) -> Result<QString> {
        WW_TRY(const std::string key, memory.write(language, words));
        return tr("Rule %1 written").arg(text(key));
    });
}

void MemoryStore::importList(const QString &path, const QString &language)
{
    d->run([path = path.toStdString(), language = language.toStdString()](Memory &memory) -> Result<QString> {
        WW_TRY(const std::string list, readTextFile(path, kMaxListBytes));
        WW_TRY(const RuleList rules, readRuleList(list, language));
        WW_TRY(const LearnReport report, memory.add(rules.rules));
        return tr("%1 rules read, %2 of them new, %3 lines left out")
            .arg(rules.rules.size())
            .arg(report.newRules.size() + report.newCandidates.size())
            .arg(rules.leftOut.size());
    });
}

void MemoryStore::exportList(const QString &path)
{
    d->run([path = path.toStdString()](Memory &memory) -> Result<QString> {
        WW_TRY(const std::vector<RuleRecord> rules, memory.rules());
        WW_CHECK(writeFileAtomically(path, rulesToJson(rules)));
        return tr("%1 rules written to %2").arg(rules.size()).arg(text(path));
    });
}

} // namespace ww::ui
