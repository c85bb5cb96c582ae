// SPDX-License-Identifier: GPL-3.0-or-later
// Plans that call a vendor's library: allowed to a task's library baseline alone.
#include "core/candidate/LibraryCalls.h"
#include "core/candidate/TaskAdmission.h"
#include "core/task/TaskJson.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace ww;

namespace {

Task shippedTask(const std::string &name, const char *language = "cuda")
{
    Result<Task> task = loadTask(std::string(WW_SOURCE_DIR) + "/kernels/" + name, language);
    if (!task)
        qFatal("%s", task.error().message().c_str());
    return std::move(*task);
}

std::string firstFault(const PlanParse &parse)
{
    return parse.ok() ? std::string() : parse.diagnostics.front().message;
}

} // namespace

class TestLibraryPlan : public QObject {
    Q_OBJECT
private slots:
    void faultsOfACallAreNamed_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("fault");
        QTest::newRow("no library") << "call sgemm(A, B, C, M, N, K)"
                                    << "expected '.'";
        QTest::newRow("unknown function") << "call cublas.sgem(A, B, C, M, N, K)"
                                          << "there is no call 'cublas.sgem'";
        QTest::newRow("any other symbol") << "call libc.system(A, B, C, M, N, K)"
                                          << "there is no call";
        QTest::newRow("too few arguments") << "call cublas.sgemm(A, B, C, M, N)"
                                           << "takes 6 arguments";
        QTest::newRow("too many") << "call cublas.sgemm(A, B, C, M, N, K, 1)"
                                  << "at most 6";
        QTest::newRow("rubbish behind it") << "call cublas.sgemm(A, B, C, M, N, K) grid(1)"
                                           << "expected the end of the line";
        QTest::newRow("a name that names nothing") << "call cublas.sgemm(A, X, C, M, N, K)"
                                                   << "names nothing";
        QTest::newRow("the output is missing") << "call cublas.sgemm(A, B, A, M, N, K)"
                                               << "no launch is given the output 'C'";
    }
    void faultsOfACallAreNamed()
    {
        QFETCH(QString, line);
        QFETCH(QString, fault);
        const Task task = shippedTask("matmul");
        const std::string found =
            firstFault(parsePlan("//@ " + line.toStdString() + "\n", &task, PlanUse::Library));
        QVERIFY2(QString::fromStdString(found).contains(fault), found.c_str());
    }

    void candidatesCallNothing()
    {
        const Task task = shippedTask("matmul");
        QVERIFY(parsePlan(task.library->text, &task, PlanUse::Library).ok());
        const std::string found = firstFault(parsePlan(task.library->text, &task));
        QVERIFY2(found.find("library baseline alone") != std::string::npos, found.c_str());
    }

    void onlyCudaTasksHaveCalls()
    {
        const Task task = shippedTask("matmul", "opencl");
        QVERIFY(!task.library);
        const std::string found =
            firstFault(parsePlan("//@ call cublas.sgemm(A, B, C, M, N, K)\n", &task, PlanUse::Library));
        QVERIFY2(found.find("is for CUDA kernels") != std::string::npos, found.c_str());
    }

    void typesAndSizesMustFit_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("fault");
        QTest::newRow("another type") << "gemm_bf16"
                                      << "call cublas.sgemm(A, B, C, M, N, K)"
                                      << "argument 1 of cublas.sgemm must be a tensor of float32";
        QTest::newRow("a size where a tensor must be") << "matmul"
                                                       << "call cublas.sgemm(A, M, C, M, N, K)"
                                                       << "argument 2";
        QTest::newRow("a tensor where a size must be") << "matmul"
                                                       << "call cublas.sgemm(A, B, C, M, N, A)"
                                                       << "argument 6 of cublas.sgemm must be a size";
        QTest::newRow("no size") << "matmul"
                                 << "call cublas.sgemm(A, B, C, M - M, N, K)"
                                 << "argument 4 of cublas.sgemm must be a size";
    }
    void typesAndSizesMustFit()
    {
        QFETCH(QString, task);
        QFETCH(QString, line);
        QFETCH(QString, fault);
        const Task loaded = shippedTask(task.toStdString());
        const PlanParse parse = parsePlan("//@ " + line.toStdString() + "\n", &loaded, PlanUse::Library);
        QVERIFY2(parse.ok(), firstFault(parse).c_str());
        const auto plan = resolvePlan(parse.plan, {}, loaded, loaded.workloads.front());
        QVERIFY(!plan);
        QVERIFY2(QString::fromStdString(plan.error().message()).contains(fault),
                 plan.error().message().c_str());
    }

    void shippedLibrariesResolve_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("matmul") << "matmul";
        QTest::newRow("gemm_bf16") << "gemm_bf16";
    }
    void shippedLibrariesResolve()
    {
        QFETCH(QString, name);
        const Task task = shippedTask(name.toStdString());
        QVERIFY(task.library.has_value());
        const PlanParse parse = parsePlan(task.library->text, &task, PlanUse::Library);
        QVERIFY2(parse.ok(), firstFault(parse).c_str());
        QVERIFY(parsePlan(printPlan(parse.plan), &task, PlanUse::Library).plan.launches.front().isCall);
        for (const Workload &workload : task.workloads) {
            const auto plan = resolvePlan(parse.plan, {}, task, workload);
            QVERIFY2(plan, plan ? "" : plan.error().message().c_str());
            const ResolvedLaunch &call = plan->launches.front();
            QVERIFY(call.isCall && findLibraryCall(call.kernel) && call.args.size() == kLibraryArguments);
            QCOMPARE(call.args[3].integer, workload.axes.at("M"));
        }
    }

    void theLibraryTravelsAndIsNoPartOfTheProblem()
    {
        Task task = shippedTask("matmul");
        const Result<Task> again = taskFromJson(taskToJson(task));
        QVERIFY2(again, again ? "" : again.error().message().c_str());
        QVERIFY(again->library && again->library->text == task.library->text);
        const std::string hash = taskHash(task);
        task.library.reset();
        QCOMPARE(taskHash(task), hash);
        QVERIFY(!taskFromJson(taskToJson(task))->library);
    }
};

QTEST_GUILESS_MAIN(TestLibraryPlan)
#include "tst_library_plan.moc"
