// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tree/TidyTreeLayout.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace ww::ui;

namespace {

std::vector<int> randomTree(int count, unsigned seed, int fanOut)
{
    std::mt19937 random(seed);
    std::vector<int> parents {-1};
    for (int i = 1; i < count; ++i)
        parents.push_back(static_cast<int>(random() % static_cast<unsigned>(std::min(i, fanOut)))
                          + std::max(0, i - fanOut));
    return parents;
}

} // namespace

Q_DECLARE_METATYPE(std::vector<int>)

class TestTidyTree : public QObject {
    Q_OBJECT
private:
    static void addTrees()
    {
        QTest::addColumn<std::vector<int>>("parents");
        QTest::newRow("root alone") << std::vector<int> {-1};
        QTest::newRow("chain") << std::vector<int> {-1, 0, 1, 2, 3};
        QTest::newRow("fan") << std::vector<int> {-1, 0, 0, 0, 0};
        QTest::newRow("short beside deep") << std::vector<int> {-1, 0, 0, 2, 3, 1, 1, 4, 4};
        QTest::newRow("deep beside short") << std::vector<int> {-1, 0, 1, 2, 3, 0, 5, 5, 5};
        for (unsigned seed = 1; seed <= 5; ++seed)
            QTest::addRow("random %u", seed)
                << randomTree(400, seed, 10 * static_cast<int>(seed) * static_cast<int>(seed));
    }

private slots:
    void nothingGivesNothing()
    {
        const TreeLayout layout = layoutTree({});
        QVERIFY(layout.x.empty());
        QVERIFY(layout.levels.empty());
    }

    void nodesNeverOverlap_data() { addTrees(); }
    void nodesNeverOverlap()
    {
        QFETCH(std::vector<int>, parents);
        const TreeLayout layout = layoutTree(parents);
        size_t counted = 0;
        for (const std::vector<int> &level : layout.levels) {
            counted += level.size();
            for (size_t i = 1; i < level.size(); ++i)
                QVERIFY(layout.x[static_cast<size_t>(level[i])] - layout.x[static_cast<size_t>(level[i - 1])]
                        >= 1 - 1e-9);
        }
        QCOMPARE(counted, parents.size());
    }

    void parentsStandAboveTheirFirstChild_data() { addTrees(); }
    void parentsStandAboveTheirFirstChild()
    {
        QFETCH(std::vector<int>, parents);
        const TreeLayout layout = layoutTree(parents);
        std::vector<bool> hasChild(parents.size(), false);
        for (size_t i = 1; i < parents.size(); ++i) {
            const auto parent = static_cast<size_t>(parents[i]);
            QCOMPARE(layout.depth[i], layout.depth[parent] + 1);
            if (!hasChild[parent])
                QCOMPARE(layout.x[i], layout.x[parent]);
            else
                QVERIFY(layout.x[i] > layout.x[parent]);
            hasChild[parent] = true;
        }
    }

    // What lets the canvas cull edges: along a level, parents stand in the order of their children.
    void edgesNeverCross_data() { addTrees(); }
    void edgesNeverCross()
    {
        QFETCH(std::vector<int>, parents);
        const TreeLayout layout = layoutTree(parents);
        for (size_t depth = 1; depth < layout.levels.size(); ++depth) {
            double before = -1;
            for (const int node : layout.levels[depth]) {
                const double x = layout.x[static_cast<size_t>(parents[static_cast<size_t>(node)])];
                QVERIFY(x >= before);
                before = x;
            }
        }
    }

    void appendingMovesOnlyWhatMustMakeRoom()
    {
        const std::vector<int> all = randomTree(300, 11, 60);
        for (size_t count = 2; count < all.size(); ++count) {
            const TreeLayout before =
                layoutTree({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
            const TreeLayout after =
                layoutTree({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count) + 1});
            std::vector<size_t> pathChild(count,
                                          SIZE_MAX); // by node on the path: its child that is on it too
            for (size_t node = count; node > 0; node = static_cast<size_t>(all[node]))
                pathChild[static_cast<size_t>(all[node])] = node;
            QCOMPARE(after.x[0], before.x[0]);
            for (size_t i = 1; i < count; ++i) {
                const auto parent = static_cast<size_t>(all[i]);
                QVERIFY(after.x[i] >= before.x[i]); // nothing moves left
                if (pathChild[parent] == SIZE_MAX || i < pathChild[parent])
                    QCOMPARE(after.x[i] - after.x[parent], before.x[i] - before.x[parent]);
            }
        }
    }

    void subtreesArePackedCloserThanTheirBoundingBoxes()
    {
        // 1 is deep, 2 wide at the bottom of a chain: boxes would need 4 columns more.
        const TreeLayout layout = layoutTree({-1, 0, 0, 1, 3, 4, 4, 4});
        QCOMPARE(layout.x[2], 1.0);
    }

    void tenThousandNodes()
    {
        for (const int fanOut : {3, 100, 9999}) {
            const std::vector<int> parents = randomTree(10'000, 5, fanOut);
            QElapsedTimer timer;
            timer.start();
            const TreeLayout layout = layoutTree(parents);
            qInfo("layout of 10000 nodes, parents among the last %d: %.2f ms", fanOut,
                  static_cast<double>(timer.nsecsElapsed()) / 1e6);
            QCOMPARE(layout.x.size(), size_t {10'000});
        }
    }

    void aChainOfAHundredThousandNeedsNoStack()
    {
        std::vector<int> parents;
        for (int i = 0; i < 100'000; ++i)
            parents.push_back(i - 1);
        const TreeLayout layout = layoutTree(parents);
        QCOMPARE(layout.depth.back(), 99'999);
        QCOMPARE(layout.width, 0.0);
    }
};

QTEST_APPLESS_MAIN(TestTidyTree)
#include "tst_tidy_tree.moc"
