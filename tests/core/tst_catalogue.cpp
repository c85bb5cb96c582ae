// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/TaskAdmission.h"
#include "core/search/MakeProposer.h"
#include "core/search/Proposer.h"
#include "tests/core/SearchFixtures.h"

#include <QTest>

#include <map>
#include <set>

using namespace ww;
using fixtures::SessionMaker;

namespace {

SessionMaker begun(const Task &task)
{
    SessionCreated event = fixtures::created();
    event.task = std::make_shared<const Task>(task);
    SessionMaker maker;
    (void)maker.add(event);
    return maker;
}

Move moveOf(MoveKind kind, CandidateId parent)
{
    Move move;
    move.kind = kind;
    move.parent = parent;
    return move;
}

/// Puts a proposal into the session as the engine would, with its evaluation.
void take(SessionMaker &maker, const Proposal &proposal, CandidateId parent, MoveKind kind,
          const Evaluation &evaluation = fixtures::passed(2, 0))
{
    const auto id = static_cast<CandidateId>(maker.session.nodes.size());
    CandidateProposed event =
        fixtures::proposed(id, parent, maker.session.stepsDone + 1, kind, proposal.title);
    event.candidate.source = proposal.source;
    event.candidate.parameters = proposal.parameters;
    QVERIFY(maker.add(std::move(event)));
    QVERIFY(maker.add(EvaluationFinished {id, false, evaluation, {}}));
}

/// What the proposer offers at once: a candidate, nothing, or a fault.
Result<std::optional<Proposal>> offered(Proposer &proposer, const Session &session, const Move &move,
                                        uint64_t seed, int step)
{
    Result<std::optional<Proposal>> offer = failure(ErrorCode::Internal, "it did not report");
    proposer.propose(session,
                     {move,
                      seed,
                      step,
                      [&offer](const ProposerReport &report) {
                          if (*report.outcome)
                              offer = **report.outcome;
                          else if (report.outcome->error().kind == NoProposal::Kind::Nothing)
                              offer = std::nullopt;
                          else
                              offer = tl::make_unexpected(report.outcome->error().error);
                      },
                      {}});
    return offer;
}

std::string shortName(const std::string &title)
{
    return title.substr(0, title.find(" · "));
}

/// Tunables whose values differ.
int differences(const Parameters &a, const Parameters &b)
{
    int count = 0;
    for (const auto &[name, value] : a)
        count += b.at(name) != value ? 1 : 0;
    return count;
}

} // namespace

class TestCatalogue : public QObject {
    Q_OBJECT

private slots:
    void largeStepsTakeEveryVariantOnceFirst();
    void thenLargeStepsTakeUntriedParameterSets();
    void everyParameterSetIsOfferedOnceAndThenNothing_data();
    void everyParameterSetIsOfferedOnceAndThenNothing();
    void smallStepsChangeOneOrTwoTunables();
    void smallStepsPreferNeighbours();
    void aSmallStepUnderTheRootHasNothingToChange();
    void aKernelWithoutTunablesHasNoSmallStep();
    void aPersonsKernelCanBeTuned();
    void aSourceWhosePlanIsBrokenHasNoSmallStep();
    void whatTheDeviceLostIsOfferedOnceMore();
    void aTaskWithoutVariantsStartsFromItsBaseline();
    void theSameSeedAndStepGiveTheSameCandidate();
    void aHugeSpaceIsNoTrap();
    void theShippedTasksCanBeSearched_data();
    void theShippedTasksCanBeSearched();
    void unknownProposersAreNamedWithThoseThereAre();
};

void TestCatalogue::largeStepsTakeEveryVariantOnceFirst()
{
    std::set<std::string> firsts;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SessionMaker maker = begun(fixtures::doubling());
        const auto proposer = makeCatalogueProposer();
        std::set<std::string> names;
        for (int step = 1; step <= 3; ++step) {
            const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Large, 0), seed, step);
            QVERIFY(proposal && *proposal);
            names.insert((*proposal)->title);
            if (step == 1)
                firsts.insert((*proposal)->title);
            QCOMPARE((*proposal)->origin, std::string("catalogue"));
            take(maker, **proposal, 0, MoveKind::Large);
        }
        QCOMPARE(names, (std::set<std::string> {"plain", "tiles", "vectors"}));
    }
    QCOMPARE(firsts.size(), size_t(3)); // the order is the seed's
}

void TestCatalogue::thenLargeStepsTakeUntriedParameterSets()
{
    SessionMaker maker = begun(fixtures::doubling());
    const auto proposer = makeCatalogueProposer();
    for (int step = 1; step <= 4; ++step) {
        const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Large, 0), 1, step);
        QVERIFY(proposal && *proposal);
        take(maker, **proposal, 0, MoveKind::Large);
    }
    const Candidate &fourth = maker.session.nodes[4].candidate;
    QVERIFY2(fourth.title.find("=") != std::string::npos, fourth.title.c_str()); // "tiles · TILE=16 WORK=2"
    QCOMPARE(fourth.parameters.size(), size_t(2));
}

void TestCatalogue::everyParameterSetIsOfferedOnceAndThenNothing_data()
{
    QTest::addColumn<bool>("small");
    QTest::newRow("by large steps") << false;
    QTest::newRow("small steps first") << true;
}

void TestCatalogue::everyParameterSetIsOfferedOnceAndThenNothing()
{
    QFETCH(bool, small);
    SessionMaker maker = begun(fixtures::doubling());
    const auto proposer = makeCatalogueProposer();
    std::set<std::string> hashes;
    for (int step = 1; step <= 40; ++step) {
        std::optional<Proposal> found;
        CandidateId parent = 0;
        MoveKind kind = MoveKind::Large;
        for (size_t id = 1; small && id < maker.session.nodes.size() && !found; ++id) {
            parent = static_cast<CandidateId>(id);
            kind = MoveKind::Small;
            found = *offered(*proposer, maker.session, moveOf(kind, parent), 1, step);
        }
        if (!found) {
            parent = 0;
            kind = MoveKind::Large;
            found = *offered(*proposer, maker.session, moveOf(kind, 0), 1, step);
        }
        if (!found)
            break;
        take(maker, *found, parent, kind);
        QVERIFY(hashes.insert(maker.session.nodes.back().candidate.contentHash()).second);
        const Parameters &set = found->parameters;
        if (set.count("TILE") > 0)
            QVERIFY(set.at("TILE") * set.at("WORK") <= 64);
    }
    QCOMPARE(hashes.size(), size_t(fixtures::kDoublingSets));
}

void TestCatalogue::smallStepsChangeOneOrTwoTunables()
{
    const auto proposer = makeCatalogueProposer();
    int ones = 0, twos = 0;
    for (int step = 1; step <= 200; ++step) {
        SessionMaker maker = begun(fixtures::doubling());
        const Proposal start {
            maker.session.task->variants[2].text, {{"TILE", 16}, {"WORK", 2}}, "tiles", "catalogue"};
        take(maker, start, 0, MoveKind::Large);
        const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Small, 1), 1, step);
        QVERIFY(proposal && *proposal);
        QCOMPARE((*proposal)->source, start.source);
        const int changed = differences(start.parameters, (*proposal)->parameters);
        QVERIFY(changed == 1 || changed == 2);
        (changed == 1 ? ones : twos) += 1;
        const std::string &title = (*proposal)->title;
        QVERIFY2(title.starts_with("tiles · ") && title.find("→") != std::string::npos, title.c_str());
        const bool namesTile = title.find("TILE 16→") != std::string::npos;
        QCOMPARE(namesTile, (*proposal)->parameters.at("TILE") != 16);
    }
    QVERIFY2(ones > twos && twos > 10, QByteArray::number(ones) + " " + QByteArray::number(twos));
}

void TestCatalogue::smallStepsPreferNeighbours()
{
    const auto proposer = makeCatalogueProposer();
    std::map<int64_t, int> tiles;
    for (int step = 1; step <= 300; ++step) {
        SessionMaker maker = begun(fixtures::doubling());
        take(maker, {maker.session.task->variants[2].text, {{"TILE", 8}, {"WORK", 1}}, "tiles", ""}, 0,
             MoveKind::Large);
        const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Small, 1), 1, step);
        ++tiles[(*proposal)->parameters.at("TILE")];
    }
    QVERIFY(tiles[16] > tiles[32] + tiles[64]);
    QVERIFY(tiles[32] > 0 && tiles[64] > 0);
}

void TestCatalogue::aSmallStepUnderTheRootHasNothingToChange()
{
    const SessionMaker maker = begun(fixtures::doubling());
    const auto proposal = offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Small, 0), 1, 1);
    QVERIFY(proposal);
    QVERIFY(!*proposal);
    QVERIFY(!offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Small, 7), 1, 1));
    QVERIFY(!offered(*makeCatalogueProposer(), Session(), moveOf(MoveKind::Large, 0), 1, 1));
}

void TestCatalogue::aKernelWithoutTunablesHasNoSmallStep()
{
    SessionMaker maker = begun(fixtures::doubling());
    take(maker, {maker.session.task->variants[0].text, {}, "plain", ""}, 0, MoveKind::Large);
    QVERIFY(!*offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Small, 1), 1, 1));
}

void TestCatalogue::aPersonsKernelCanBeTuned()
{
    SessionMaker maker = begun(fixtures::doubling());
    take(maker, {fixtures::kernelText("mine", "//@ tune DEPTH = 2, 4\n"), {{"DEPTH", 2}}, "my idea", "human"},
         0, MoveKind::Edit);
    const auto proposal = offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Small, 1), 1, 1);
    QVERIFY(proposal && *proposal);
    QCOMPARE((*proposal)->title, std::string("my idea · DEPTH 2→4"));
}

void TestCatalogue::aSourceWhosePlanIsBrokenHasNoSmallStep()
{
    SessionMaker maker = begun(fixtures::doubling());
    take(maker, {"//@ tune DEPTH = 2, 4\n//@ launch nothing grid(\n", {{"DEPTH", 2}}, "broken", "human"}, 0,
         MoveKind::Edit, fixtures::failed(Verdict::Rejected));
    const auto proposal = offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Small, 1), 1, 1);
    QVERIFY(proposal);
    QVERIFY(!*proposal);
}

void TestCatalogue::whatTheDeviceLostIsOfferedOnceMore()
{
    Task task = fixtures::doubling();
    task.variants.resize(1); // one candidate in all
    SessionMaker maker = begun(task);
    const auto proposer = makeCatalogueProposer();
    for (int step = 1; step <= 2; ++step) {
        const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Large, 0), 1, step);
        QVERIFY(proposal && *proposal);
        take(maker, **proposal, 0, MoveKind::Large, fixtures::failed(Verdict::InfraError));
    }
    QVERIFY(!*offered(*proposer, maker.session, moveOf(MoveKind::Large, 0), 1, 3));
}

void TestCatalogue::aTaskWithoutVariantsStartsFromItsBaseline()
{
    Task task = fixtures::doubling();
    task.variants.clear();
    const SessionMaker maker = begun(task);
    const auto proposal = offered(*makeCatalogueProposer(), maker.session, moveOf(MoveKind::Large, 0), 1, 1);
    QVERIFY(proposal && *proposal);
    QCOMPARE((*proposal)->source, task.baseline.text);
    QCOMPARE((*proposal)->title, std::string("baseline"));
}

void TestCatalogue::theSameSeedAndStepGiveTheSameCandidate()
{
    SessionMaker maker = begun(fixtures::doubling());
    take(maker, {maker.session.task->variants[2].text, {{"TILE", 16}, {"WORK", 2}}, "tiles", ""}, 0,
         MoveKind::Large);
    for (const MoveKind kind : {MoveKind::Large, MoveKind::Small}) {
        std::set<std::string> titles;
        for (int step = 1; step <= 30; ++step) {
            const auto first = offered(*makeCatalogueProposer(), maker.session, moveOf(kind, 1), 4, step);
            const auto second = offered(*makeCatalogueProposer(), maker.session, moveOf(kind, 1), 4, step);
            QCOMPARE((*first)->source, (*second)->source);
            QCOMPARE((*first)->parameters, (*second)->parameters);
            titles.insert((*first)->title);
        }
        QVERIFY(titles.size() > 1);
    }
}

void TestCatalogue::aHugeSpaceIsNoTrap()
{
    // 10^12 sets, of which the requirement leaves almost none.
    std::string tunables;
    for (int i = 0; i < 12; ++i)
        tunables += fmt::format("//@ tune P{} = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n", i);
    Task task = fixtures::doubling();
    task.variants = {
        {"huge", "", fixtures::kernelText("huge", tunables + "//@ require P0 + P1 + P2 + P3 + P4 == 0\n")},
        {"closed", "", fixtures::kernelText("closed", tunables + "//@ require P0 < 0\n")}};
    SessionMaker maker = begun(task);
    const auto proposer = makeCatalogueProposer();
    // Going through all of the space would take years: the test's own limit would end it.
    for (int step = 1; step <= 3; ++step) {
        const auto proposal = offered(*proposer, maker.session, moveOf(MoveKind::Large, 0), 1, step);
        QVERIFY(proposal);
        if (*proposal)
            take(maker, **proposal, 0, MoveKind::Large);
    }
    QVERIFY(maker.session.nodes.size() > 1); // the defaults meet the requirement
    const auto small = offered(*proposer, maker.session, moveOf(MoveKind::Small, 1), 1, 9);
    QVERIFY(small && *small);
}

void TestCatalogue::theShippedTasksCanBeSearched_data()
{
    QTest::addColumn<QByteArray>("task");
    for (const char *task : {"matmul", "softmax", "transpose", "row_reduce", "rmsnorm", "layernorm",
                             "attention_decode", "gemm_bf16", "spmv_csr", "stencil3d"})
        QTest::newRow(task) << QByteArray(task);
}

void TestCatalogue::theShippedTasksCanBeSearched()
{
    QFETCH(QByteArray, task);
    const Result<Task> loadedTask = loadTask(WW_SOURCE_DIR "/kernels/" + task.toStdString());
    QVERIFY2(loadedTask, loadedTask ? "" : loadedTask.error().message().c_str());
    SessionMaker maker = begun(*loadedTask);
    const auto proposer = makeCatalogueProposer();
    std::set<std::string> names;
    for (int step = 1; step <= 60; ++step) {
        const CandidateId parent =
            step % 3 == 0 ? static_cast<CandidateId>(maker.session.nodes.size() / 2) : 0;
        const MoveKind kind = parent != 0 ? MoveKind::Small : MoveKind::Large;
        const auto proposal = offered(*proposer, maker.session, moveOf(kind, parent), 1, step);
        QVERIFY2(proposal, proposal ? "" : proposal.error().message().c_str());
        if (!*proposal)
            continue;
        names.insert(shortName((*proposal)->title));
        take(maker, **proposal, parent, kind);
    }
    QCOMPARE(names.size(), loadedTask->variants.size());
}

void TestCatalogue::unknownProposersAreNamedWithThoseThereAre()
{
    SearchConfig config;
    QCOMPARE((*makeProposer(config))->name(), std::string("catalogue"));
    config.proposer = "oracle";
    const auto proposer = makeProposer(config);
    QVERIFY(!proposer);
    const std::string message = proposer.error().message();
    QVERIFY(message.find("oracle") != std::string::npos && message.find("catalogue") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
