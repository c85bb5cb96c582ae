// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/AdmissionJson.h"
#include "core/judge/Compare.h"
#include "core/judge/Fill.h"
#include "core/judge/Mutations.h"
#include "tests/core/TestTask.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <set>

using namespace ww;

namespace {

/// A workload's inputs as the gate fills them, and an output to change: the test's own numbers.
struct Answer {
    Task task = testTask();
    Workload workload = *task.findWorkload("odd");
    Tensors inputs;
    Tensors expected;
    static constexpr int64_t kSide = 16;

    Answer()
    {
        workload.axes["M"] = workload.axes["N"] = kSide;
        for (const TensorSpec &tensor : task.inputs) {
            if (tensor.isScalar)
                continue;
            const auto count = static_cast<size_t>(elementCount(tensor, workload.axes).value());
            Bytes &bytes = inputs.emplace_back(count * sizeOf(tensor.dtype));
            for (size_t i = 0; i < count; ++i)
                storeElement(tensor.dtype, bytes.data(), static_cast<int64_t>(i),
                             0.1 + static_cast<double>(i));
        }
        Bytes &bytes = expected.emplace_back(kSide * kSide * sizeof(float));
        for (int64_t i = 0; i < kSide * kSide; ++i)
            storeElement(DType::Float32, bytes.data(), i, static_cast<double>(i * i) / 7 - 20);
    }

    [[nodiscard]] KnownAnswer known() const
    {
        return {task, workload, {inputs.begin(), inputs.end()}, expected};
    }
};

} // namespace

class TestMutations : public QObject {
    Q_OBJECT

private slots:
    void namesAreUniqueAndTrivialOnesAreThere()
    {
        std::set<std::string> names;
        int trivial = 0;
        for (const Mutation &mutation : knownMutations()) {
            QVERIFY2(names.insert(mutation.name).second, mutation.name.c_str());
            QCOMPARE(mutation.make == nullptr, mutation.kind == Mutation::Kind::Stale);
            trivial += mutation.trivial ? 1 : 0;
        }
        QVERIFY(names.size() >= 18);
        QVERIFY(trivial >= 5);
    }

    void eachIsAnotherWrongAnswer_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < knownMutations().size(); ++i) {
            if (knownMutations()[i].kind != Mutation::Kind::Stale)
                QTest::newRow(knownMutations()[i].name.c_str()) << static_cast<int>(i);
        }
    }
    /// Output mutations are wrong beyond float32's tolerance; input mutations change real inputs and leave
    /// whole numbers, which may be indices, alone.
    void eachIsAnotherWrongAnswer()
    {
        QFETCH(int, index);
        const Mutation &mutation = knownMutations()[static_cast<size_t>(index)];
        const Answer answer;
        const Tensors made = mutation.make(answer.known());
        if (mutation.kind == Mutation::Kind::Input) {
            QCOMPARE(made.size(), answer.inputs.size());
            QVERIFY2(made[0] == answer.inputs[0], "whole numbers changed");
            QVERIFY2(made[1] != answer.inputs[1], "the real input did not change");
            return;
        }
        QCOMPARE(made.size(), answer.expected.size());
        const ExpectedFacts facts = factsOf(DType::Float32, answer.expected[0]);
        const Limits limits = limitsOf(answer.task, DType::Float32, DataSet::Default, facts.exact);
        const bool rounded = mutation.name.find("rounded") != std::string::npos;
        const Comparison found = compare(DType::Float32, made[0], answer.expected[0], facts, limits);
        QVERIFY2(!found.ok || rounded, "it passes for right");
        QVERIFY(made[0] != answer.expected[0]);
    }

    void reportsReadBack()
    {
        AdmissionReport report;
        report.checks = {{"inputs matter", "fail", "'x' changes nothing"}};
        report.mutants = {
            {"zeros", "rejected", "odd", "default"}, {"noise", "escaped", "", ""}, {"stale", "same", "", ""}};
        report.baseline.verdict = Verdict::Passed;
        report.wallMs = 12.5;
        const auto read = admissionFromJson(admissionToJson(report));
        QVERIFY2(read.has_value(), read ? "" : read.error().message().c_str());
        QCOMPARE(read->score(), std::string("1 of 2 wrong kernels rejected"));
        QVERIFY(!read->admitted());
        QCOMPARE(read->mutants[0].set, std::string("default"));
        QCOMPARE(read->wallMs, 12.5);
        QVERIFY(correct(read->baseline.verdict));
    }
    void brokenReportsAreRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("no mutants") << QStringLiteral(R"({"checks": [], "baseline": {"verdict": "PASSED"}})");
        QTest::newRow("a check without a verdict") << QStringLiteral(
            R"({"checks": [{"name": "x"}], "mutants": [], "baseline": {"verdict": "PASSED"}})");
        QTest::newRow("no verdict that is known")
            << QStringLiteral(R"({"checks": [], "mutants": [], "baseline": {"verdict": "FINE"}})");
        QTest::newRow("no object") << QStringLiteral("[]");
    }
    void brokenReportsAreRefused()
    {
        QFETCH(QString, text);
        const auto read = admissionFromJson(nlohmann::json::parse(text.toStdString()));
        QVERIFY(!read.has_value());
        QVERIFY(!read.error().message().empty());
    }
};

QTEST_APPLESS_MAIN(TestMutations)
#include "tst_mutations.moc"
