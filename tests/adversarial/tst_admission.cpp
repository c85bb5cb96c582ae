// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks that nobody should search on are told from those that are fit, by the real worker.
#include "tests/adversarial/GateFixture.h"

#include <QTest>

#include <algorithm>
#include <csignal>
#include <functional>
#include <optional>

using namespace ww;

namespace {

using Change = std::function<void(Task &)>;

void useKernel(Task &task, const std::string &body)
{
    task.reference.text = task.baseline.text = gateKernel(body);
}

std::string textOf(const AdmissionReport &report)
{
    std::string text;
    for (const AdmissionCheck &check : report.checks)
        text += check.name + ": " + check.verdict + ": " + check.detail + "\n";
    for (const MutantRecord &mutant : report.mutants)
        text += mutant.name + ": " + mutant.outcome + " " + mutant.set + "\n";
    return text;
}

} // namespace

class TestAdmission : public QObject {
    Q_OBJECT

    std::optional<Gate> m_gate;
    std::map<QString, Change> m_changes {
        {QStringLiteral("an input that nothing reads"),
         [](Task &task) {
             TensorSpec unused = task.inputs.front();
             unused.name = "unused";
             task.inputs.push_back(unused);
         }},
        {QStringLiteral("a constant output"),
         [](Task &task) { useKernel(task, "if (i < n) y[i] = 1.0f + 0.0f * x[i];"); }},
        {QStringLiteral("a baseline that is not precise"),
         [](Task &task) { task.baseline.text = gateKernel("if (i < n) y[i] = 2.0001f * x[i] + 1.0f;"); }},
        {QStringLiteral("a reference that does not build"),
         [](Task &task) { task.reference.text = gateKernel("if (i < n) y[i] = nothing;"); }},
        {QStringLiteral("a tolerance that lets anything pass"),
         [](Task &task) { task.tolerance.rtol = task.tolerance.atol = 3.0; }},
    };

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (!Gate::workerIsBuilt())
            QSKIP("the OpenCL worker is not part of this build");
        m_gate.emplace();
        const std::string problem = m_gate->start();
        QVERIFY2(problem.empty(), problem.c_str());
    }

    void unfitTasksAreTold_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<QString>("check");
        const auto row = [](const char *change, const char *check) {
            QTest::newRow(change) << QString::fromUtf8(change) << QString::fromUtf8(check);
        };
        row("an input that nothing reads", "inputs matter");
        row("a constant output", "outputs vary");
        row("a baseline that is not precise", "references agree");
        row("a reference that does not build", "references agree");
        row("a tolerance that lets anything pass", "trivial answers fail");
    }
    void unfitTasksAreTold()
    {
        QFETCH(QString, change);
        QFETCH(QString, check);
        Task task = m_gate->task("affine");
        m_changes.at(change)(task);
        const auto report = m_gate->admit(task);
        QVERIFY2(report.has_value(), report ? "" : report.error().message().c_str());
        const std::string text = textOf(*report);
        QVERIFY2(!report->admitted(), text.c_str());
        const bool told =
            std::any_of(report->checks.begin(), report->checks.end(), [&](const AdmissionCheck &entry) {
                return entry.name == check.toStdString() && entry.verdict == "fail" && !entry.detail.empty();
            });
        QVERIFY2(told, text.c_str());
    }

    void fitTasksAreAdmitted_data()
    {
        QTest::addColumn<QString>("task");
        QTest::newRow("affine") << QStringLiteral("affine");
        QTest::newRow("dot") << QStringLiteral("dot");
    }
    void fitTasksAreAdmitted()
    {
        QFETCH(QString, task);
        const auto report = m_gate->admit(m_gate->task(task.toStdString()));
        QVERIFY2(report.has_value(), report ? "" : report.error().message().c_str());
        const std::string text = textOf(*report);
        QVERIFY2(report->admitted(), text.c_str());
        QVERIFY2(report->count("escaped") == 0 && report->count("rejected") >= 18, text.c_str());
        QVERIFY2(report->count("untried") == 0, text.c_str());
        for (const MutantRecord &mutant : report->mutants)
            QCOMPARE(mutant.outcome == "rejected", !mutant.set.empty());
    }
};

QTEST_GUILESS_MAIN(TestAdmission)
#include "tst_admission.moc"
