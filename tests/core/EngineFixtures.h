// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/search/Audit.h"
#include "core/search/Engine.h"
#include "tests/core/LateProposer.h"
#include "tests/core/ScriptedEvaluator.h"
#include "tests/core/Witness.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <set>

/// What tests of searches share: a search in a folder of its own, and what it left behind.
namespace ww::fixtures {

inline SearchConfig configOf(int steps, uint64_t seed = 1)
{
    SearchConfig config;
    config.steps = steps;
    config.seed = seed;
    return config;
}

inline std::shared_ptr<ScriptedEvaluator> scripted(int capacity = 1,
                                                   ScriptedEvaluator::Script script = madeUp)
{
    return std::make_shared<ScriptedEvaluator>(capacity, std::move(script));
}

inline Session loaded(const std::string &file)
{
    const auto journal = Journal::openForReading(file);
    Result<Session> session = journal ? (*journal)->load() : tl::make_unexpected(journal.error());
    if (!session)
        qFatal("%s", session.error().message().c_str());
    return std::move(*session);
}

/// What a search decided: everything of the moves that a replay must repeat.
inline QByteArrayList movesOf(const Session &session)
{
    QByteArrayList moves;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Node &node = session.nodes[i];
        QByteArray move = QByteArray::number(node.candidate.step) + ' ' + toString(node.move.kind) + " from "
            + QByteArray::number(qlonglong(node.move.parent)) + ": "
            + QByteArray::fromStdString(node.candidate.title) + ", context";
        for (const Lineage &entry : node.move.context)
            move += ' ' + QByteArray::number(qlonglong(entry.id));
        moves << move;
    }
    return moves;
}

/// The candidates that tuning in idle time made.
inline std::vector<Node> tuningsOf(const Session &session)
{
    std::vector<Node> tunings;
    for (const Node &node : session.nodes) {
        if (node.candidate.kind == MoveKind::Tune)
            tunings.push_back(node);
    }
    return tunings;
}

/// Every decision of the session is derived again.
inline void expectAudited(const Session &session)
{
    const auto report = auditSession(session, session.config.constants);
    QVERIFY(report);
    QVERIFY(report->selectMatches.compared > 0);
    QCOMPARE(report->selectMatches.matched, report->selectMatches.compared);
    QCOMPARE(report->contextMatches.matched, report->contextMatches.compared);
    QCOMPARE(report->kindMatches.matched, report->kindMatches.compared);
    QCOMPARE(report->rewardMatches.matched, report->rewardMatches.compared);
    QCOMPARE(report->tuningMatches.matched, report->tuningMatches.compared);
    QCOMPARE(report->kindRuleViolations, 0);
}

/// The search ended with these steps, each done once; what tuning added is no step.
inline void expectEachStepOnce(const Session &session, int steps)
{
    QCOMPARE(session.stopReason, std::string("steps"));
    QVERIFY(session.pending().empty() && session.openSteps().empty());
    std::set<int> seen;
    for (size_t i = 1; i < session.nodes.size(); ++i) {
        const Candidate &candidate = session.nodes[i].candidate;
        QVERIFY(candidate.kind == MoveKind::Tune || seen.insert(candidate.step).second);
    }
    QCOMPARE(seen.size(), size_t(steps));
}

/// A folder for the sessions of one test, and searches by the catalogue in it.
class SearchFolder {
public:
    std::string path(const std::string &name = "s") const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    /// An engine on a new session.
    std::unique_ptr<Engine> engineFor(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                                      Witness &witness, const std::string &name = "s",
                                      std::unique_ptr<Proposer> proposer = makeCatalogueProposer()) const
    {
        auto journal = createSession(path(name), doubling(), config);
        if (!journal)
            qFatal("%s", journal.error().message().c_str());
        Session session = *(*journal)->load();
        return std::make_unique<Engine>(std::move(*journal), std::move(session), std::move(proposer),
                                        std::move(evaluator), witness.listener());
    }
    /// An engine on a session file that exists, as resume does it.
    static std::unique_ptr<Engine> resumed(const std::string &file, std::shared_ptr<Evaluator> evaluator,
                                           Witness &witness)
    {
        auto journal = Journal::openForAppend(file);
        if (!journal)
            qFatal("%s", journal.error().message().c_str());
        Result<Session> session = (*journal)->load();
        if (!session)
            qFatal("%s", session.error().message().c_str());
        return std::make_unique<Engine>(std::move(*journal), std::move(*session), makeCatalogueProposer(),
                                        std::move(evaluator), witness.listener());
    }
    /// A search from beginning to end.
    Session searched(const SearchConfig &config, std::shared_ptr<Evaluator> evaluator,
                     const std::string &name = "s") const
    {
        Witness witness;
        const auto engine = engineFor(config, std::move(evaluator), witness, name);
        engine->start();
        const Status status = engine->wait();
        if (!status)
            qFatal("%s", status.error().message().c_str());
        return engine->session();
    }

private:
    QTemporaryDir m_folder;
};

/// A search under test, with its proposer at hand.
struct LateSearch {
    std::unique_ptr<Engine> engine;
    LateProposer *proposer = nullptr;
};

inline LateSearch lateSearchOn(std::unique_ptr<Journal> journal, std::shared_ptr<Evaluator> evaluator,
                               int capacity, LateProposer::Script script, EngineListener listener = {})
{
    Session session = *journal->load();
    LateSearch search;
    auto proposer = std::make_unique<LateProposer>(capacity, std::move(script));
    search.proposer = proposer.get();
    search.engine = std::make_unique<Engine>(std::move(journal), std::move(session), std::move(proposer),
                                             std::move(evaluator), std::move(listener));
    return search;
}

/// A new session in `file`, about doubling().
inline LateSearch beginLate(const std::string &file, const SearchConfig &config,
                            std::shared_ptr<Evaluator> evaluator, int capacity, LateProposer::Script script,
                            EngineListener listener = {})
{
    auto journal = createSession(file, doubling(), config);
    if (!journal)
        qFatal("%s", journal.error().message().c_str());
    return lateSearchOn(std::move(*journal), std::move(evaluator), capacity, std::move(script),
                        std::move(listener));
}

/// A session file that exists, as resume does it.
inline LateSearch resumeLate(const std::string &file, std::shared_ptr<Evaluator> evaluator, int capacity,
                             LateProposer::Script script)
{
    auto journal = Journal::openForAppend(file);
    if (!journal)
        qFatal("%s", journal.error().message().c_str());
    return lateSearchOn(std::move(*journal), std::move(evaluator), capacity, std::move(script));
}

} // namespace ww::fixtures
