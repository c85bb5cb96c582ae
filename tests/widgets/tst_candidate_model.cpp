// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/CandidateModel.h"
#include "widgets/models/CandidateTable.h"
#include "widgets/models/Selection.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ww::ui;

namespace {

NodeView node(CandidateId id, CandidateId parent, Outcome outcome = Outcome::Faster, double speedup = 2)
{
    NodeView view;
    view.id = id;
    view.parent = id == 0 ? kNoCandidate : parent;
    view.kind = id == 0 ? StepKind::Start : StepKind::Small;
    view.outcome = id == 0 ? Outcome::Start : outcome;
    view.title = QStringLiteral("variant %1").arg(id);
    view.origin = QStringLiteral("catalogue");
    if (outcome == Outcome::Faster)
        view.speedup = {speedup, speedup * 0.99, speedup * 1.01};
    return view;
}

QList<NodeView> smallTree()
{
    return {node(0, 0), node(1, 0, Outcome::Faster, 3), node(2, 0, Outcome::BuildError),
            node(3, 1, Outcome::Faster, 9), node(4, 1, Outcome::Faster, 5)};
}

QList<CandidateId> rows(const CandidateTable &table)
{
    QList<CandidateId> ids;
    for (int row = 0; row < table.rowCount(); ++row)
        ids << table.index(row, 0).data(CandidateModel::IdRole).toLongLong();
    return ids;
}

} // namespace

class TestCandidateModel : public QObject {
    Q_OBJECT
private slots:
    void appendThatDoesNotFitIsIgnored()
    {
        CandidateModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(node(3, 0)); // nothing is there yet
        QCOMPARE(model.count(), 0);
        model.append(node(0, 0));
        model.append(node(1, 7)); // no such parent
        model.append(node(5, 0)); // a gap
        QCOMPARE(model.count(), 1);
        model.update(node(9, 0));
        QVERIFY(!model.indexOf(9).isValid());
    }

    void childrenStandUnderTheirParents()
    {
        CandidateModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.reset(smallTree());
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.rowCount(model.indexOf(0)), 2);
        QCOMPARE(model.indexOf(4).parent(), model.indexOf(1));
        QCOMPARE(model.indexOf(4).row(), 1);
        QCOMPARE(model.sibling(3, 1), CandidateId {4});
        QCOMPARE(model.sibling(4, 1), kNoCandidate);
        QCOMPARE(model.indexOf(3, CandidateModel::Speedup).data().toString(), QStringLiteral("9.00×"));
        QCOMPARE(model.indexOf(2, CandidateModel::Speedup).data().toString(), QStringLiteral("–"));
    }

    void growingInsertsAndNeverResets()
    {
        CandidateModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.reset({node(0, 0)});
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserts(&model, &QAbstractItemModel::rowsInserted);
        const QPersistentModelIndex root(model.indexOf(0));
        for (CandidateId id = 1; id < 200; ++id)
            model.append(node(id, id / 3, Outcome::Running));
        model.update(node(5, 1, Outcome::Faster, 4));
        QCOMPARE(resets.count(), 0);
        QCOMPARE(inserts.count(), 199);
        QVERIFY(root.isValid());
        QCOMPARE(model.node(5).outcome, Outcome::Faster);
    }

    void bestChangesOnlyTwoRows()
    {
        CandidateModel model;
        model.reset(smallTree());
        model.setBest(3);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.setBest(4);
        QCOMPARE(changes.count(), 2);
        model.setBest(4);
        QCOMPARE(changes.count(), 2);
    }

    void tableIsFlatFilteredAndSorted()
    {
        CandidateModel model;
        CandidateTable table(&model);
        QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.reset(smallTree());
        QCOMPARE(rows(table), (QList<CandidateId> {1, 2, 3, 4}));
        table.sort(CandidateModel::Speedup, Qt::DescendingOrder);
        QCOMPARE(rows(table), (QList<CandidateId> {3, 4, 1, 2}));
        table.setFilter(QStringLiteral("  BUILD  error "));
        QCOMPARE(rows(table), (QList<CandidateId> {2}));
        QVERIFY(table.isShown(2));
        QVERIFY(!table.isShown(3));
        table.setFilter(QStringLiteral("nothing has this"));
        QCOMPARE(table.rowCount(), 0);
        table.setFilter({});
        QCOMPARE(table.rowCount(), 4);
    }

    void newResultsNeverMoveRows()
    {
        CandidateModel model;
        CandidateTable table(&model);
        QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.reset(smallTree());
        table.sort(CandidateModel::Speedup, Qt::DescendingOrder);
        const QPersistentModelIndex read(table.index(1, 0));
        QSignalSpy stale(&table, &CandidateTable::staleChanged);
        model.append(node(5, 3, Outcome::Faster, 100));
        model.update(node(1, 0, Outcome::Faster, 50));
        QCOMPARE(rows(table), (QList<CandidateId> {3, 4, 1, 2, 5}));
        QCOMPARE(read.row(), 1);
        QVERIFY(table.isStale());
        QCOMPARE(stale.count(), 1);
        table.sort(CandidateModel::Speedup, Qt::DescendingOrder);
        QCOMPARE(rows(table), (QList<CandidateId> {5, 1, 3, 4, 2}));
        QCOMPARE(read.data(CandidateModel::IdRole).toLongLong(),
                 4); // persistent indexes follow their candidate
        QVERIFY(!table.isStale());
    }

    void oneSelectionForTreeAndTable()
    {
        CandidateModel model;
        model.reset(smallTree());
        CandidateTable table(&model);
        Selection selection(&model);
        QItemSelectionModel *mirror = selection.selectionFor(&table);
        QSignalSpy changed(&selection, &Selection::changed);
        selection.select(3);
        QCOMPARE(mirror->currentIndex().data(CandidateModel::IdRole).toLongLong(), 3);
        mirror->setCurrentIndex(table.index(0, 2),
                                QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        QCOMPARE(selection.current(), CandidateId {1});
        QCOMPARE(selection.itemSelection()->currentIndex(), model.indexOf(1));
        QCOMPARE(changed.count(), 2);
        table.setFilter(QStringLiteral("build"));
        QCOMPARE(selection.current(), CandidateId {1}); // filtered out here, still shown elsewhere
        QVERIFY(!mirror->currentIndex().isValid());
        table.setFilter({});
        QCOMPARE(mirror->currentIndex().data(CandidateModel::IdRole).toLongLong(), 1);
        selection.select(77);
        QCOMPARE(selection.current(), CandidateId {1});
    }

    void historyWalksBackAndForward()
    {
        CandidateModel model;
        model.reset(smallTree());
        Selection selection(&model);
        selection.back();
        QVERIFY(!selection.canGoBack());
        selection.select(1);
        selection.select(3);
        selection.show(4); // the window's own choice leaves no trace
        selection.select(2);
        selection.back();
        QCOMPARE(selection.current(), CandidateId {3});
        selection.back();
        QCOMPARE(selection.current(), CandidateId {1});
        QVERIFY(!selection.canGoBack());
        selection.forward();
        QCOMPARE(selection.current(), CandidateId {3});
        selection.select(4);
        QVERIFY(!selection.canGoForward());
        model.reset({node(0, 0)});
        QVERIFY(!selection.canGoBack());
        QCOMPARE(selection.current(), kNoCandidate);
    }
};

QTEST_MAIN(TestCandidateModel)
#include "tst_candidate_model.moc"
