// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/Shapes.h"

#include <QTest>

#include <set>

using namespace ww;

namespace {

TensorSpec tensor(const char *name, DType type, std::initializer_list<const char *> shape)
{
    TensorSpec spec;
    spec.name = name;
    spec.dtype = type;
    for (const char *dimension : shape)
        spec.shape.push_back(*Expression::parse(dimension));
    return spec;
}

Task taskWith(std::initializer_list<const char *> constraints)
{
    Task task;
    task.name = "t";
    task.axes = {{"rows", "", std::nullopt}, {"cols", "", std::nullopt}, {"heads", "", 4}};
    task.inputs = {tensor("x", DType::Float32, {"rows", "cols * heads"})};
    TensorSpec scale;
    scale.name = "scale";
    scale.isScalar = true;
    task.inputs.push_back(scale);
    task.outputs = {tensor("y", DType::Float32, {"rows"})};
    for (const char *constraint : constraints)
        task.constraints.push_back(*Expression::parse(constraint));
    task.workloads = {{"small", {{"rows", 64}, {"cols", 128}, {"heads", 4}}, {{"scale", 1}}, true, {}},
                      {"large", {{"rows", 512}, {"cols", 3000}, {"heads", 4}}, {{"scale", -0.5}}, true, {}}};
    return task;
}

} // namespace

class TestShapes : public QObject {
    Q_OBJECT

private slots:
    void badShapesAreRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << ""
                                 << "no such axis";
        QTest::newRow("unknown axis") << "depth=3"
                                      << "rows, cols";
        QTest::newRow("an axis that is fixed") << "heads=4,rows=3,cols=5"
                                               << "always 4";
        QTest::newRow("no number") << "rows=many,cols=5"
                                   << "whole number";
        QTest::newRow("no value") << "rows=,cols=5"
                                  << "whole number";
        QTest::newRow("half a number") << "rows=3.5,cols=5"
                                       << "whole number";
        QTest::newRow("too large for any number") << "rows=99999999999999999999,cols=5"
                                                  << "whole number";
        QTest::newRow("not all axes") << "rows=3"
                                      << "'cols'";
        QTest::newRow("a scalar that is none") << "rows=3,cols=5,scale=big"
                                               << "number";
        QTest::newRow("a broken constraint") << "rows=3,cols=0"
                                             << "cols > 0";
        QTest::newRow("far too large") << "rows=1099511627776,cols=1099511627776"
                                       << "'x'";
    }
    void badShapesAreRefused()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto shape = workloadOfShape(taskWith({"cols > 0"}), text.toStdString());
        QVERIFY(!shape);
        QVERIFY2(QString::fromStdString(shape.error().message()).contains(says),
                 shape.error().message().c_str());
    }
    void shapesSurviveTheirText()
    {
        const Task task = taskWith({});
        const auto shape = workloadOfShape(task, "cols=7,rows=5,scale=0.25");
        QVERIFY(shape.has_value());
        QCOMPARE(shapeText(task, *shape), std::string("rows=5,cols=7,scale=0.25"));
        QCOMPARE(shape->axes.at("heads"), int64_t {4});
        QVERIFY(!shape->timed);
        QCOMPARE(workloadOfShape(task, shapeText(task, *shape))->name, shape->name);
        QCOMPARE(workloadOfShape(task, "rows=5,cols=7")->scalars.at("scale"), 1.0);
        for (const Workload &drawn : hiddenShapes(task, 3, 5)) {
            const auto again = workloadOfShape(task, shapeText(task, drawn));
            QVERIFY(again && again->name == drawn.name && again->axes == drawn.axes
                    && again->scalars == drawn.scalars);
        }
    }

    void drawnShapesAreLegalSmallAndTheirOwn()
    {
        const Task task = taskWith({"cols % 4 == 0", "rows > 2"});
        std::set<std::string> all;
        for (uint64_t seed = 1; seed <= 50; ++seed) {
            const std::vector<Workload> shapes = hiddenShapes(task, seed, 3);
            QCOMPARE(shapes.size(), size_t {3});
            for (const Workload &shape : shapes) {
                const int64_t rows = shape.axes.at("rows"), cols = shape.axes.at("cols");
                QVERIFY(cols % 4 == 0 && rows > 2 && rows <= 512 && cols <= 3000);
                QVERIFY(rows * cols * 4 <= 40000);
                QVERIFY(shape.axes != task.workloads[0].axes && shape.axes != task.workloads[1].axes);
                all.insert(shape.name);
            }
            QCOMPARE(hiddenShapes(task, seed, 3).front().name, shapes.front().name);
        }
        QVERIFY(all.size() > 100);
    }
    void axesThatMayBoundIndicesDoNotShrink()
    {
        Task task = taskWith({});
        task.inputs.push_back(tensor("index", DType::Int32, {"rows"}));
        for (uint64_t seed = 1; seed <= 30; ++seed) {
            for (const Workload &shape : hiddenShapes(task, seed, 3))
                QVERIFY(shape.axes.at("rows") >= 64 && shape.axes.at("cols") >= 128);
            const auto near = neighbourShape(task, task.workloads[0], seed);
            QVERIFY(!near);
        }
    }
    void tasksWithoutSmallShapesGetLargerOnes()
    {
        const Task task = taskWith({"cols >= 2999"});
        const std::vector<Workload> shapes = hiddenShapes(task, 1, 3);
        QCOMPARE(shapes.size(), size_t {3});
        for (const Workload &shape : shapes)
            QVERIFY(shape.axes.at("cols") >= 2999);
    }
    void tasksWithoutChoiceHaveNoHiddenShapes()
    {
        QVERIFY(hiddenShapes(taskWith({"rows == 64", "cols == 128"}), 1, 3).empty());
        Task fixed = taskWith({});
        for (Axis &axis : fixed.axes)
            axis.value = 4;
        QVERIFY(hiddenShapes(fixed, 1, 3).empty());
        QVERIFY(hiddenShapes(Task {}, 1, 3).empty());
    }
    void neighboursAreNearAndLegal()
    {
        const Task task = taskWith({"cols % 4 == 0"});
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            const auto near = neighbourShape(task, task.workloads[1], seed);
            QVERIFY(near.has_value());
            const int64_t rows = near->axes.at("rows"), cols = near->axes.at("cols");
            QVERIFY(rows > 500 && rows <= 512 && cols > 2980 && cols <= 3000 && cols % 4 == 0);
            QVERIFY(near->axes != task.workloads[1].axes);
            QCOMPARE(near->scalars, task.workloads[1].scalars);
        }
    }
};

QTEST_APPLESS_MAIN(TestShapes)
#include "tst_shapes.moc"
