// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Parallel.h"
#include "core/judge/Digest.h"

#include <QTest>

#include <atomic>
#include <numeric>
#include <vector>

using namespace ww;

namespace {

std::vector<std::byte> someBytes(size_t count)
{
    std::vector<std::byte> bytes(count);
    for (size_t i = 0; i < count; ++i)
        bytes[i] = static_cast<std::byte>(i * 37 + i / 251);
    return bytes;
}

} // namespace

class TestDigest : public QObject {
    Q_OBJECT

private slots:
    void aChangedByteShows_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("at");
        const int large = (3 << 20) + 5;
        for (const auto &[count, at] :
             {std::pair(1, 0), std::pair(7, 6), std::pair(8, 0), std::pair(9, 8), std::pair(large, 0),
              std::pair(large, (1 << 20) - 1), std::pair(large, 1 << 20), std::pair(large, large - 1)})
            QTest::addRow("%d of %d", at, count) << count << at;
    }
    void aChangedByteShows()
    {
        QFETCH(int, count);
        QFETCH(int, at);
        std::vector<std::byte> bytes = someBytes(static_cast<size_t>(count));
        const std::vector<std::byte> before = bytes;
        const uint64_t digest = digestOf(bytes, 5);
        bytes[static_cast<size_t>(at)] ^= std::byte {1};
        QVERIFY(digestOf(bytes, 5) != digest);
        QVERIFY(!sameBytes(bytes, before));
        bytes[static_cast<size_t>(at)] ^= std::byte {1};
        QCOMPARE(digestOf(bytes, 5), digest);
        QVERIFY(sameBytes(bytes, before));
    }
    void wordsInOtherPlacesShow()
    {
        std::vector<std::byte> bytes = someBytes(64);
        const uint64_t digest = digestOf(bytes, 5);
        std::swap_ranges(bytes.begin(), bytes.begin() + 8, bytes.begin() + 8);
        QVERIFY(digestOf(bytes, 5) != digest);
    }
    void anotherKeyGivesAnotherDigest()
    {
        QVERIFY(digestOf(someBytes(100), 1) != digestOf(someBytes(100), 2));
        QCOMPARE(digestOf({}, 1), uint64_t {0});
    }
    void copiesAreWhole()
    {
        const std::vector<std::byte> from = someBytes((5 << 20) + 3);
        std::vector<std::byte> to(from.size());
        copyBytes(from, to);
        QVERIFY(to == from);
        QVERIFY(!sameBytes(from, std::span(to).first(10)));
    }

    void everyElementIsVisitedOnce_data()
    {
        QTest::addColumn<qint64>("count");
        QTest::addColumn<qint64>("block");
        QTest::newRow("nothing") << qint64 {0} << qint64 {10};
        QTest::newRow("less than a block") << qint64 {3} << qint64 {10};
        QTest::newRow("whole blocks") << qint64 {1000} << qint64 {10};
        QTest::newRow("a rest") << qint64 {100003} << qint64 {7};
    }
    void everyElementIsVisitedOnce()
    {
        QFETCH(qint64, count);
        QFETCH(qint64, block);
        std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
        std::atomic<bool> fits = true;
        forEachBlock(count, block, [&](int64_t begin, int64_t end) {
            if (begin % block != 0 || end - begin > block)
                fits = false;
            for (int64_t i = begin; i < end; ++i)
                ++visits[static_cast<size_t>(i)];
        });
        QVERIFY(fits);
        QVERIFY(std::all_of(visits.begin(), visits.end(), [](const auto &times) { return times == 1; }));
    }
};

QTEST_GUILESS_MAIN(TestDigest)
#include "tst_digest.moc"
