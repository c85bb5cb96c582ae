// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/diff/LineDiff.h"

#include <QTest>

#include <random>

using namespace ww::ui;

namespace {

// The diff as text: sign and line, joined by "|".
QString drawn(const LineDiff &diff)
{
    QStringList lines;
    for (const DiffLine &line : diff.lines)
        lines << (line.kind == DiffLine::Kind::Added         ? QStringLiteral("+")
                      : line.kind == DiffLine::Kind::Removed ? QStringLiteral("-")
                                                             : QStringLiteral(" "))
                + line.text;
    return lines.join(QLatin1Char('|'));
}

QString side(const LineDiff &diff, DiffLine::Kind without)
{
    QString text;
    for (const DiffLine &line : diff.lines) {
        if (line.kind != without)
            text += line.text + QLatin1Char('\n');
    }
    return text;
}

} // namespace

class TestLineDiff : public QObject {
    Q_OBJECT
private slots:
    void comparesLines_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("expected");
        QTest::newRow("both empty") << QString() << QString() << QString();
        QTest::newRow("all new") << QString() << QStringLiteral("a\nb\n") << QStringLiteral("+a|+b");
        QTest::newRow("all gone") << QStringLiteral("a\nb") << QString() << QStringLiteral("-a|-b");
        QTest::newRow("equal") << QStringLiteral("a\nb\n") << QStringLiteral("a\nb")
                               << QStringLiteral(" a| b");
        QTest::newRow("line ends do not count")
            << QStringLiteral("a\r\nb\r\n") << QStringLiteral("a\nb\n") << QStringLiteral(" a| b");
        QTest::newRow("one changed") << QStringLiteral("a\nb\nc\n") << QStringLiteral("a\nx\nc\n")
                                     << QStringLiteral(" a|-b|+x| c");
        QTest::newRow("inserted") << QStringLiteral("a\nc\n") << QStringLiteral("a\nb\nc\n")
                                  << QStringLiteral(" a|+b| c");
    }
    void comparesLines()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QString, expected);
        QCOMPARE(drawn(diffLines(before, after)), expected);
    }

    void bothSidesCanBeReadBack()
    {
        std::mt19937 random(3);
        for (int round = 0; round < 200; ++round) {
            const auto text = [&] {
                QString made;
                for (auto i = random() % 30; i > 0; --i)
                    made += QString::number(random() % 5) + QLatin1Char('\n');
                return made;
            };
            const QString before = text(), after = text();
            const LineDiff diff = diffLines(before, after);
            QCOMPARE(side(diff, DiffLine::Kind::Added), before);
            QCOMPARE(side(diff, DiffLine::Kind::Removed), after);
        }
    }

    void fewestChanges()
    {
        const LineDiff diff =
            diffLines(QStringLiteral("a\nb\nc\na\nb\nb\na\n"), QStringLiteral("c\nb\na\nb\na\nc\n"));
        QCOMPARE(diff.added + diff.removed, 5); // Myers' own example
    }

    void numbersCountOnBothSides()
    {
        const LineDiff diff = diffLines(QStringLiteral("a\nb\n"), QStringLiteral("b\nc\n"));
        QCOMPARE(diff.lines.size(), 3);
        QCOMPARE(diff.lines[0].oldLine, 1);
        QCOMPARE(diff.lines[0].newLine, 0);
        QCOMPARE(diff.lines[1].oldLine, 2);
        QCOMPARE(diff.lines[1].newLine, 1);
        QCOMPARE(diff.lines[2].newLine, 2);
    }

    void tooManyChangesFallBackAndSaySo()
    {
        QString before = QStringLiteral("head\n"), after = before;
        for (int i = 0; i < 100; ++i) {
            before += QStringLiteral("old %1\n").arg(i);
            after += QStringLiteral("new %1\n").arg(i);
        }
        const LineDiff diff = diffLines(before, after, 20);
        QVERIFY(diff.coarse);
        QVERIFY(diff.lines.first().kind == DiffLine::Kind::Same);
        QCOMPARE(diff.added, 100);
        QCOMPARE(side(diff, DiffLine::Kind::Added), before);
        QVERIFY(!diffLines(before, after).coarse);
    }
};

QTEST_APPLESS_MAIN(TestLineDiff)
#include "tst_line_diff.moc"
