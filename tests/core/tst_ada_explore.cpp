// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/AdaExplore.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <limits>

using namespace ww;

namespace {

/// Adds a candidate with its outcome and the published reward.
void grow(SearchTree &tree, CandidateId parent, MoveKind kind, double speedup, bool correct = true)
{
    const auto id = static_cast<CandidateId>(tree.nodes().size());
    tree.add(id, parent, kind);
    tree.setOutcome(id, true, correct, speedup, adaExploreReward(true, correct, speedup));
}

QByteArray listed(const std::vector<CandidateId> &ids)
{
    QByteArray text;
    for (const CandidateId id : ids)
        text += QByteArray::number(qlonglong(id)) + ' ';
    return text.trimmed();
}

/// The published formulas applied to every node anew, without any of the tree's own sums.
struct PlainSearch {
    const SearchTree &tree;
    AdaExploreConstants constants;

    struct Sums {
        int visits = 0;
        double total = 0, best = 0;
    };
    Sums sums(CandidateId id) const
    {
        Sums all;
        const TreeNode &node = tree.node(id);
        if (id != 0) {
            all = {1, node.reward, node.reward};
        }
        for (const CandidateId child : node.children) {
            const Sums below = sums(child);
            all.visits += below.visits;
            all.total += below.total;
            all.best = std::max(all.best, below.best);
        }
        return all;
    }
    CandidateId select() const
    {
        CandidateId at = 0;
        for (;;) {
            const std::vector<CandidateId> &children = tree.node(at).children;
            if (children.empty())
                return at;
            const double logVisits = std::log(sums(at).visits);
            const auto k = static_cast<double>(children.size());
            double bestReward = 0, bestScore = -1;
            CandidateId best = 0;
            for (const CandidateId child : children) {
                const Sums below = sums(child);
                const double reward =
                    constants.alpha * below.best + (1 - constants.alpha) * below.total / below.visits;
                const double score = reward + constants.c * std::sqrt(logVisits / below.visits);
                bestReward = std::max(bestReward, reward);
                if (score > bestScore) {
                    bestScore = score;
                    best = child;
                }
            }
            if (bestReward + constants.c * constants.expandRatio * std::sqrt(logVisits / (k * k)) > bestScore)
                return at;
            at = best;
        }
    }
};

/// A tree grown by the policy itself, with speed-ups drawn from a stream.
SearchTree grownByPolicy(const AdaExploreConstants &constants, uint64_t seed, int steps)
{
    SearchTree tree;
    RandomStream speedups(seed, 1u << 20);
    for (int step = 1; step <= steps; ++step) {
        const Move move = nextMove(tree, constants, seed, step);
        grow(tree, move.parent, move.kind, 0.5 + 4 * speedups.uniform(), speedups.below(4) != 0);
    }
    return tree;
}

} // namespace

class TestAdaExplore : public QObject {
    Q_OBJECT

private slots:
    void rewardsFollowThePublishedScale_data();
    void rewardsFollowThePublishedScale();
    void logRewardGoesOnWhereTheScaleEnds();
    void anEmptyTreeExpandsItsRoot();
    void aSingleChildIsATieAndIsEntered();
    void selectionAgreesWithTheFormulasAppliedPlainly_data();
    void selectionAgreesWithTheFormulasAppliedPlainly();
    void backPropagationKeepsVisitsSumAndMaximum();
    void underTheRootEveryStepIsLarge();
    void afterTwoSmallChildrenTheNextIsLarge();
    void aFifthOfTheFreeChoicesIsLarge();
    void theSmallContextIsTheChainToTheLargeStep();
    void theLargeContextIsTheBestOfEachComponent();
    void aLargeContextOverTheLimitIsSampled();
    void theOtherKindHasItsOwnContext();
    void aMoveDependsOnSeedAndStepAlone();
    void inFlightNodesSpreadParallelMoves();
    void aNodeInFlightIsNotEntered();
    void withNothingInFlightVirtualVisitsLeaveNoTrace();
    void infrastructureFaultsAreInvisible();
    void anEditUnderAnInfrastructureFaultStaysVisible();
    void tenThousandNodesTakeNoQuadraticTime();
};

void TestAdaExplore::rewardsFollowThePublishedScale_data()
{
    QTest::addColumn<bool>("compiled");
    QTest::addColumn<bool>("correct");
    QTest::addColumn<double>("speedup");
    QTest::addColumn<double>("reward");
    const double inf = std::numeric_limits<double>::infinity();
    QTest::newRow("not compiled") << false << false << 0.0 << 0.0;
    QTest::newRow("wrong") << true << false << 3.0 << 0.05;
    QTest::newRow("below the scale") << true << true << 0.01 << 0.4;
    QTest::newRow("slowest") << true << true << 0.1 << 0.4;
    QTest::newRow("as fast") << true << true << 1.0 << 0.4 + 0.9 / 9.9 * 1.2;
    QTest::newRow("fastest") << true << true << 10.0 << 1.6;
    QTest::newRow("beyond") << true << true << 912.0 << 1.6;
    QTest::newRow("not a number") << true << true << std::nan("") << 0.4;
    QTest::newRow("infinite") << true << true << inf << 0.4;
}

void TestAdaExplore::rewardsFollowThePublishedScale()
{
    QFETCH(bool, compiled);
    QFETCH(bool, correct);
    QFETCH(double, speedup);
    QFETCH(double, reward);
    QVERIFY(std::abs(adaExploreReward(compiled, correct, speedup) - reward) < 1e-12);
}

void TestAdaExplore::logRewardGoesOnWhereTheScaleEnds()
{
    AdaExploreConstants constants;
    constants.logReward = true;
    QCOMPARE(adaExploreReward(true, true, 10, constants), adaExploreReward(true, true, 10));
    const double twenty = adaExploreReward(true, true, 20, constants);
    const double forty = adaExploreReward(true, true, 40, constants);
    QVERIFY(twenty > 1.6);
    QVERIFY(std::abs((forty - twenty) - (twenty - 1.6)) < 1e-12); // the same for each doubling
    QCOMPARE(adaExploreReward(true, true, 5, constants), adaExploreReward(true, true, 5));
}

void TestAdaExplore::anEmptyTreeExpandsItsRoot()
{
    QCOMPARE(selectNode(SearchTree(), {}), CandidateId(0));
    QCOMPARE(nextMove(SearchTree(), {}, 1, 1).kind, MoveKind::Large);
}

void TestAdaExplore::aSingleChildIsATieAndIsEntered()
{
    // With k = 1 and n = N both arms have the same value; the recorded runs of the original descend.
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 2);
    QCOMPARE(selectNode(tree, {}), CandidateId(1));
}

void TestAdaExplore::selectionAgreesWithTheFormulasAppliedPlainly_data()
{
    QTest::addColumn<double>("c");
    QTest::addColumn<double>("alpha");
    QTest::addColumn<double>("ratio");
    QTest::newRow("as published") << 0.3 << 0.0 << 1.0;
    QTest::newRow("maximum") << 0.25 << 1.0 << 1.0;
    QTest::newRow("whole networks") << 0.3 << 0.5 << 0.5;
}

void TestAdaExplore::selectionAgreesWithTheFormulasAppliedPlainly()
{
    QFETCH(double, c);
    QFETCH(double, alpha);
    QFETCH(double, ratio);
    AdaExploreConstants constants;
    constants.c = c;
    constants.alpha = alpha;
    constants.expandRatio = ratio;
    for (const int steps : {1, 2, 5, 17, 60, 150}) {
        const SearchTree tree = grownByPolicy(constants, 7, steps);
        QCOMPARE(selectNode(tree, constants), (PlainSearch {tree, constants}.select()));
    }
}

void TestAdaExplore::backPropagationKeepsVisitsSumAndMaximum()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 1);
    grow(tree, 1, MoveKind::Small, 10);
    grow(tree, 2, MoveKind::Small, 1, false);
    const TreeNode &root = tree.node(0);
    QCOMPARE(root.visits, 3);
    QCOMPARE(root.maxReward, 1.6);
    QVERIFY(std::abs(root.totalReward - (adaExploreReward(true, true, 1) + 1.6 + 0.05)) < 1e-12);
    QCOMPARE(tree.node(2).visits, 2);
    QCOMPARE(tree.node(3).visits, 1);
    QCOMPARE(tree.node(1).reward, adaExploreReward(true, true, 1));
}

void TestAdaExplore::underTheRootEveryStepIsLarge()
{
    // So good a first level that the root is expanded again and again would still never be small.
    for (int step = 1; step <= 50; ++step) {
        SearchTree tree;
        const Move move = nextMove(tree, {}, 3, step);
        QCOMPARE(move.parent, CandidateId(0));
        QCOMPARE(move.kind, MoveKind::Large);
        QVERIFY(move.context.empty());
    }
}

void TestAdaExplore::afterTwoSmallChildrenTheNextIsLarge()
{
    // Node 1 has two small children, each visited so often that another child of 1 is worth more than a
    // descent, and siblings so poor that the root is not expanded.
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 9);
    for (const CandidateId small : {CandidateId(2), CandidateId(8)}) {
        grow(tree, 1, MoveKind::Small, 9);
        for (int i = 0; i < 5; ++i)
            grow(tree, small, MoveKind::Large, 9);
    }
    for (int i = 0; i < 3; ++i)
        grow(tree, 0, MoveKind::Large, 1, false);
    for (int step = 1; step <= 50; ++step) {
        const Move move = nextMove(tree, {}, 5, step);
        QCOMPARE(move.parent, CandidateId(1));
        QCOMPARE(move.kind, MoveKind::Large);
    }
    AdaExploreConstants three;
    three.smallStepLimit = 3;
    int small = 0;
    for (int step = 1; step <= 50; ++step)
        small += nextMove(tree, three, 5, step).kind == MoveKind::Small ? 1 : 0;
    QVERIFY(small > 30);
    // Two in flight are two as well.
    SearchTree flying;
    grow(flying, 0, MoveKind::Large, 9);
    flying.add(2, 1, MoveKind::Small);
    flying.add(3, 1, MoveKind::Small);
    QCOMPARE(flying.node(1).smallChildren, 2);
}

void TestAdaExplore::aFifthOfTheFreeChoicesIsLarge()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 2);
    int large = 0;
    for (int step = 1; step <= 2000; ++step) {
        const Move move = nextMove(tree, {}, 11, step);
        QCOMPARE(move.parent, CandidateId(1));
        large += move.kind == MoveKind::Large ? 1 : 0;
    }
    // Five standard deviations of a binomial with p = 0.2.
    QVERIFY2(std::abs(large - 400) < 90, QByteArray::number(large));
}

void TestAdaExplore::theSmallContextIsTheChainToTheLargeStep()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 1);
    grow(tree, 1, MoveKind::Large, 1); // 2 begins a component of its own
    grow(tree, 2, MoveKind::Small, 1, false);
    grow(tree, 3, MoveKind::Small, 1);
    QCOMPARE(listed(smallStepContext(tree, 4, 5)), QByteArray("2 3 4"));
    QCOMPARE(listed(smallStepContext(tree, 2, 5)), QByteArray("2"));
    QCOMPARE(listed(smallStepContext(tree, 4, 2)), QByteArray("3 4"));
    QVERIFY(smallStepContext(tree, 0, 5).empty());
    // A person's edit goes on with the chain.
    grow(tree, 4, MoveKind::Edit, 1);
    QCOMPARE(listed(smallStepContext(tree, 5, 5)), QByteArray("2 3 4 5"));
}

void TestAdaExplore::theLargeContextIsTheBestOfEachComponent()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 1); // 1
    grow(tree, 1, MoveKind::Small, 3); // 2: off the path, best of its component
    grow(tree, 1, MoveKind::Small, 2); // 3
    grow(tree, 3, MoveKind::Large, 5, false); // 4: a component with nothing correct
    grow(tree, 4, MoveKind::Large, 4); // 5
    grow(tree, 5, MoveKind::Small, 4); // 6: equal, later: the older one stays
    RandomStream random(1, 1);
    QCOMPARE(listed(largeStepContext(tree, 6, 5, random)), QByteArray("2 5"));
    QCOMPARE(listed(largeStepContext(tree, 3, 5, random)), QByteArray("2"));
    QVERIFY(largeStepContext(tree, 0, 5, random).empty());
}

void TestAdaExplore::aLargeContextOverTheLimitIsSampled()
{
    SearchTree tree;
    for (CandidateId id = 1; id <= 9; ++id)
        grow(tree, id - 1, MoveKind::Large, 2);
    QByteArrayList seen;
    for (uint64_t stream = 0; stream < 40; ++stream) {
        RandomStream random(1, stream);
        const std::vector<CandidateId> context = largeStepContext(tree, 9, 5, random);
        QCOMPARE(context.size(), size_t(5));
        QVERIFY(std::is_sorted(context.begin(), context.end()));
        if (!seen.contains(listed(context)))
            seen << listed(context);
    }
    QVERIFY(seen.size() > 20);
}

void TestAdaExplore::theOtherKindHasItsOwnContext()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 1);
    grow(tree, 1, MoveKind::Large, 2);
    Move small;
    small.kind = MoveKind::Small;
    small.parent = 2;
    small.context = {{2, LineageRole::Parent}};
    const Move large = otherKind(small, tree, {}, 1, 1);
    QCOMPARE(large.kind, MoveKind::Large);
    QCOMPARE(large.parent, CandidateId(2));
    QCOMPARE(large.context.size(), size_t(2));
    QCOMPARE(large.context[1].role, LineageRole::Parent);
    QCOMPARE(otherKind(large, tree, {}, 1, 1).kind, MoveKind::Small);
}

void TestAdaExplore::aMoveDependsOnSeedAndStepAlone()
{
    const SearchTree tree = grownByPolicy({}, 3, 80);
    for (int step = 1; step <= 50; ++step) {
        const Move first = nextMove(tree, {}, 9, step), second = nextMove(tree, {}, 9, step);
        QCOMPARE(first.kind, second.kind);
        QCOMPARE(first.parent, second.parent);
        QCOMPARE(first.context.size(), second.context.size());
    }
}

void TestAdaExplore::inFlightNodesSpreadParallelMoves()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 2);
    grow(tree, 0, MoveKind::Large, 2);
    const CandidateId first = selectNode(tree, {});
    tree.add(3, first, MoveKind::Small);
    const CandidateId second = selectNode(tree, {});
    QVERIFY(first != second);
    QCOMPARE(tree.node(0).visitsAndInFlight(), 3);
    QCOMPARE(tree.node(0).visits, 2);
}

void TestAdaExplore::aNodeInFlightIsNotEntered()
{
    SearchTree tree;
    for (CandidateId id = 1; id <= 4; ++id) {
        QCOMPARE(selectNode(tree, {}), CandidateId(0));
        tree.add(id, 0, MoveKind::Large);
    }
    tree.setOutcome(3, true, true, 2, adaExploreReward(true, true, 2));
    const CandidateId next = selectNode(tree, {});
    QVERIFY(next == 0 || next == 3);
}

void TestAdaExplore::withNothingInFlightVirtualVisitsLeaveNoTrace()
{
    SearchTree one, four; // one candidate at a time, and four in flight whose results come backwards
    RandomStream random(5, 5);
    for (CandidateId base = 1; base < 41; base += 4) {
        std::vector<double> speedups;
        for (CandidateId i = 0; i < 4; ++i) {
            const auto parent = static_cast<CandidateId>(random.below(static_cast<uint32_t>(base)));
            speedups.push_back(0.5 + random.uniform());
            grow(one, parent, MoveKind::Large, speedups.back());
            four.add(base + i, parent, MoveKind::Large);
        }
        for (CandidateId i = 3; i >= 0; --i) {
            const double speedup = speedups[static_cast<size_t>(i)];
            four.setOutcome(base + i, true, true, speedup, adaExploreReward(true, true, speedup));
        }
    }
    for (size_t i = 0; i < one.nodes().size(); ++i) {
        QCOMPARE(four.nodes()[i].visits, one.nodes()[i].visits);
        QCOMPARE(four.nodes()[i].inFlight, 0);
        QVERIFY(std::abs(four.nodes()[i].totalReward - one.nodes()[i].totalReward) < 1e-9);
        QCOMPARE(four.nodes()[i].bestOfComponent, one.nodes()[i].bestOfComponent);
    }
}

void TestAdaExplore::infrastructureFaultsAreInvisible()
{
    SearchTree clean, faulty;
    grow(clean, 0, MoveKind::Large, 2);
    grow(faulty, 0, MoveKind::Large, 2);
    faulty.add(2, 1, MoveKind::Small);
    QVERIFY(faulty.node(1).smallChildren == 1);
    faulty.setUncounted(2);
    for (const CandidateId id : {CandidateId(0), CandidateId(1)}) {
        QCOMPARE(faulty.node(id).visitsAndInFlight(), clean.node(id).visitsAndInFlight());
        QCOMPARE(faulty.node(id).children.size(), clean.node(id).children.size());
        QCOMPARE(faulty.node(id).smallChildren, clean.node(id).smallChildren);
        QCOMPARE(faulty.node(id).totalReward, clean.node(id).totalReward);
    }
    QCOMPARE(selectNode(faulty, {}), selectNode(clean, {}));
}

void TestAdaExplore::anEditUnderAnInfrastructureFaultStaysVisible()
{
    SearchTree tree;
    grow(tree, 0, MoveKind::Large, 2); // 1
    tree.add(2, 1, MoveKind::Small); // in flight, …
    tree.add(3, 2, MoveKind::Edit); // … edited meanwhile, …
    tree.setUncounted(2); // … and lost
    tree.setOutcome(3, true, true, 8, adaExploreReward(true, true, 8));
    grow(tree, 2, MoveKind::Edit, 9); // 4: edited afterwards
    QCOMPARE(listed(tree.node(1).children), QByteArray("3 4"));
    QCOMPARE(tree.node(1).visits, 3);
    QCOMPARE(tree.node(0).visits, 3);
    QCOMPARE(tree.node(0).inFlight, 0);
    QCOMPARE(listed(smallStepContext(tree, 4, 5)), QByteArray("1 4"));
    QVERIFY(selectNode(tree, {}) != 2);
}

void TestAdaExplore::tenThousandNodesTakeNoQuadraticTime()
{
    QElapsedTimer timer;
    timer.start();
    const SearchTree tree = grownByPolicy({}, 1, 10'000);
    const qint64 grown = timer.elapsed();
    QCOMPARE(tree.node(0).visits, 10'000);
    // Debug builds and sanitizers included; quadratic work would take minutes.
    QVERIFY2(grown < 20'000, QByteArray::number(grown));
    qInfo("10 000 steps of the policy: %lld ms", static_cast<long long>(grown));
}

QTEST_APPLESS_MAIN(TestAdaExplore)
#include "tst_ada_explore.moc"
