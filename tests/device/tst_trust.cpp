// SPDX-License-Identifier: GPL-3.0-or-later
// What the gate finds out about kernels that are right on what they are expected to be asked, each probe with
// a kernel that only it can catch; and that messages do not tell a proposer what was probed.
#include "core/base/Hash.h"
#include "core/candidate/TaskAdmission.h"
#include "core/judge/ElementTypes.h"
#include "core/judge/Fill.h"
#include "core/judge/Shapes.h"
#include "core/worker/WorkerClient.h"

#include <QCoreApplication>
#include <QFile>
#include <QTest>

#include <csignal>
#include <memory>

using namespace ww;

namespace {

const std::string kHead = "//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, N)\n";
const std::string kSpin =
    "static void spin(int times) { volatile int left = times; while (left > 0) --left; }\n";
const std::string kCounter =
    "static int before(void) { int add = 1; __asm__ volatile(\".pushsection .data\\n.ifndef ww_seen\\n"
    "ww_seen: .long 0\\n.endif\\n.popsection\\nlock xaddl %0, ww_seen(%%rip)\" : \"+r\"(add) : : \"memory\");"
    " return add; }\n";

std::string kernelOf(const std::string &body, const std::string &functions = {})
{
    return kHead + functions + "__kernel void twice(__global const float *x, __global float *y, int n)\n{\n"
        + "    const int i = get_global_id(0);\n    " + body + "\n}\n";
}

const std::string kRight = kernelOf("if (i < n) y[i] = 2.0f * x[i] + 1.0f;");

Task task()
{
    Task task;
    task.name = "affine";
    task.axes = {{"N", "", std::nullopt}};
    TensorSpec x;
    x.name = "x";
    x.shape = {*Expression::parse("N")};
    x.fill.kind = Fill::Kind::Uniform;
    task.inputs = {x};
    x.name = "y";
    task.outputs = {x};
    task.constraints = {*Expression::parse("N > 0")};
    task.workloads = {{"thousand", {{"N", 1000}}, {}, true, {}}, {"odd", {{"N", 37}}, {}, false, {}}};
    task.reference = {"reference", "", kRight};
    task.baseline = {"baseline", "", kRight};
    task.cost.flops = *Expression::parse("2 * N");
    task.cost.bytes = *Expression::parse("8 * N");
    return task;
}

EvaluateRequest requestFor(const std::string &source)
{
    EvaluateRequest request;
    request.id = randomToken();
    request.nonce = randomToken();
    request.task = task();
    request.candidate = {"candidate", source, {}};
    request.budgets.timingSeconds = 5;
    // Every candidate counts as one that claims a gain.
    request.probesAbove = 0;
    return request;
}

const TrustRecord *find(const Evaluation &evaluation, const std::string &probe)
{
    for (const TrustRecord &record : evaluation.trust) {
        if (record.probe == probe)
            return &record;
    }
    return nullptr;
}

} // namespace

class TestTrust : public QObject {
    Q_OBJECT

    std::unique_ptr<WorkerClient> m_client;
    Evaluation m_last;

    /// Evaluates into m_last; false, with a failure, where no evaluation came back.
    bool evaluate(const EvaluateRequest &request)
    {
        auto evaluation = m_client->evaluate(request, {});
        if (!evaluation) {
            QTest::qFail(evaluation.error().message().c_str(), __FILE__, __LINE__);
            return false;
        }
        m_last = std::move(*evaluation);
        return true;
    }
    [[nodiscard]] std::string said() const
    {
        return std::string(toString(m_last.verdict)) + ": " + m_last.message + " | "
            + m_last.forPeople.detail;
    }
    [[nodiscard]] bool tellsNothing() const
    {
        for (const char *word : {"module", "hidden", "probe", "seed", "N="}) {
            if (m_last.message.find(word) != std::string::npos)
                return false;
        }
        return true;
    }

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (!QFile::exists(QCoreApplication::applicationDirPath()
                           + QStringLiteral("/warpwright-worker-opencl")))
            QSKIP("the OpenCL worker is not part of this build");
        auto spec = localWorker("");
        QVERIFY(spec.has_value());
        auto client = WorkerClient::start(*spec);
        if (!client)
            QSKIP(client.error().message().c_str());
        m_client = std::move(*client);
    }

    void honestKernelsPassEveryProbe()
    {
        QVERIFY(evaluate(requestFor(kRight)));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        for (const char *probe : {"hidden shapes", "determinism", "fresh data", "late write", "machine pace",
                                  "physics floor", "state", "time against data", "hidden-shape time"}) {
            const TrustRecord *record = find(m_last, probe);
            QVERIFY2(record, probe);
            QVERIFY2(record->verdict != "fail", (record->probe + ": " + record->value).c_str());
        }
        QVERIFY(find(m_last, "determinism")->verdict == "ok");
        QVERIFY(m_last.forPeople.reproduce.empty());
        QVERIFY(std::any_of(m_last.correctness.begin(), m_last.correctness.end(),
                            [](const CorrectnessRecord &record) { return record.hidden; }));
        for (const char *set :
             {"default", "poison", "shifted", "impulse", "mixed", "structured", "timed run"})
            QVERIFY2(std::any_of(m_last.correctness.begin(), m_last.correctness.end(),
                                 [&](const CorrectnessRecord &record) { return record.set == set; }),
                     set);
    }
    void probesThatCostAreForGains()
    {
        EvaluateRequest request = requestFor(kRight);
        request.probesAbove = 1e6;
        QVERIFY(evaluate(request));
        QVERIFY(!find(m_last, "state") && find(m_last, "gain probes") && find(m_last, "late write"));
    }

    void knowingTheShapesIsNoKnowledge()
    {
        QVERIFY(evaluate(
            requestFor(kernelOf("if (i < n) y[i] = n == 1000 || n == 37 ? 2.0f * x[i] + 1.0f : x[i];"))));
        QVERIFY2(m_last.verdict == Verdict::IncorrectNumerical, said().c_str());
        QVERIFY2(tellsNothing(), m_last.message.c_str());
        const std::string &options = m_last.forPeople.reproduce;
        QVERIFY2(options.starts_with("--axes N=") && options.find("--seed 1") != std::string::npos,
                 options.c_str());
        QVERIFY(m_last.correctness.back().hidden && !m_last.correctness.back().place.empty());
    }
    void failuresCanBeBroughtAboutAgain()
    {
        const std::string wrong = kernelOf("if (i < n) y[i] = n > 40 && n < 1000 ? 7 : 2.0f * x[i] + 1.0f;");
        QVERIFY(evaluate(requestFor(wrong)));
        QVERIFY2(m_last.verdict == Verdict::IncorrectNumerical, said().c_str());
        const Evaluation first = m_last;
        const std::string &options = first.forPeople.reproduce;
        const std::string shape = options.substr(7, options.find(' ', 7) - 7);
        EvaluateRequest again = requestFor(wrong);
        auto workload = workloadOfShape(again.task, shape);
        QVERIFY2(workload.has_value(), shape.c_str());
        again.workloads = {workload->name};
        again.sets = {"default"};
        again.task.workloads.push_back(*workload);
        QVERIFY(evaluate(again));
        QVERIFY2(m_last.verdict == first.verdict, said().c_str());
        QCOMPARE(m_last.correctness.front().worstIndex, first.correctness.back().worstIndex);
        QCOMPARE(m_last.correctness.front().expected, first.correctness.back().expected);
    }
    void alignmentBeyondThePromisedIsNotRelied()
    {
        QVERIFY(evaluate(
            requestFor(kernelOf("if (i < n) y[i] = ((ulong)x & 1023) == 0 ? 2.0f * x[i] + 1.0f : 0.5f;"))));
        QVERIFY2(m_last.verdict == Verdict::IncorrectNumerical, said().c_str());
    }
    void shapesOutsideItsRequirementsAreFlagged()
    {
        QVERIFY(evaluate(requestFor("//@ require N == 1000 || N == 37\n" + kRight)));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        QCOMPARE(find(m_last, "hidden shapes")->verdict, std::string("flag"));
    }

#ifdef __x86_64__
    void workKeptFromEarlierLaunchesIsFound()
    {
        // Slow at first, then from what it remembers: fast only in a module that is used.
        QVERIFY(evaluate(
            requestFor(kernelOf("if (i < n) { if (before() < 9000) spin(3000); y[i] = 2.0f * x[i] + 1.0f; }",
                                kSpin + kCounter))));
        QVERIFY2(m_last.verdict == Verdict::RewardHack, said().c_str());
        QVERIFY2(tellsNothing(), m_last.message.c_str());
        QVERIFY2(m_last.forPeople.detail.find("state") != std::string::npos, said().c_str());
        QVERIFY(evaluate(requestFor(kRight)));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
    }
    void whatIsWrittenAfterTheEndIsFound()
    {
        // Leaves a thread behind that spoils the result a moment later, and only on data that it has not met
        // before, once there has been a good number of launches: what is checked at once is right.
        const std::string late =
            "inline __private float *own(void) { __private float *place; __asm__ volatile(\".comm "
            "ww_late,65536,64\\n"
            "movq ww_late@GOTPCREL(%%rip), %0\" : \"=r\"(place)); return place; }\n"
            "inline void leave(__private long *top) { __asm__ volatile(\"movl $56, %%eax\\nmovl $0x50f00, "
            "%%edi\\n"
            "movq %0, %%rsi\\nxorl %%edx, %%edx\\nxorl %%r10d, %%r10d\\nxorl %%r8d, %%r8d\\nsyscall\\n"
            "testl %%eax, %%eax\\njnz 1f\\nmovq %%rsp, %%rdi\\nxorl %%esi, %%esi\\nmovl $35, "
            "%%eax\\nsyscall\\n"
            "movq 16(%%rsp), %%rax\\nmovl $0x7fc00000, (%%rax)\\nmovl $60, %%eax\\nxorl %%edi, "
            "%%edi\\nsyscall\\n"
            "1:\" : : \"r\"(top) : \"rax\", \"rcx\", \"rdx\", \"rsi\", \"rdi\", \"r8\", \"r10\", \"r11\", "
            "\"memory\"); }\n";
        const std::string body = "if (i < n) y[i] = 2.0f * x[i] + 1.0f;\n"
                                 "    if (i != 0 || n != 1000) return;\n"
                                 "    __private float *mine = own();\n"
                                 "    int launches = (int)mine[0], met = (int)mine[1], known = 0;\n"
                                 "    mine[0] = launches + 1;\n"
                                 "    for (int k = 0; k < met; ++k) known |= mine[2 + k] == x[0];\n"
                                 "    if (known || met > 100) return;\n"
                                 "    mine[2 + met] = x[0]; mine[1] = met + 1;\n"
                                 "    if (launches < 16) return;\n"
                                 "    __private long *top = (__private long *)(mine + 12000);\n"
                                 "    top[0] = 0; top[1] = 8000000; top[2] = (long)y;\n"
                                 "    leave(top);";
        // On a busy machine the thread may be done before the first look: then it is wrong there and then.
        for (int attempt = 0; attempt < 5; ++attempt) {
            EvaluateRequest request = requestFor(kernelOf(body, late));
            // What it remembers lives as long as its process.
            request.freshRunner = true;
            QVERIFY(evaluate(request));
            QVERIFY2(!correct(m_last.verdict), said().c_str());
            if (m_last.verdict == Verdict::RewardHack)
                break;
        }
        QVERIFY2(m_last.verdict == Verdict::RewardHack, said().c_str());
        QVERIFY2(m_last.forPeople.detail.find("late write") != std::string::npos, said().c_str());
        QVERIFY2(tellsNothing(), m_last.message.c_str());
    }
    void whatStopsUnderTheClockIsWrong()
    {
        QVERIFY(evaluate(
            requestFor(kernelOf("if (i < n && before() < 20000) y[i] = 2.0f * x[i] + 1.0f;", kCounter))));
        QVERIFY2(m_last.verdict == Verdict::IncorrectNumerical, said().c_str());
        QVERIFY(m_last.message.find("timed run") != std::string::npos);
    }
    void differentBitsAreAFlagAndNoFailure()
    {
        QVERIFY(evaluate(requestFor(
            kernelOf("if (i < n) y[i] = 2.0f * x[i] + 1.0f + (before() & 1) * 1e-6f;", kCounter))));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        QCOMPARE(find(m_last, "determinism")->verdict, std::string("flag"));
    }
#endif

    void impossibleTimesAreSuspect()
    {
        EvaluateRequest request = requestFor(kRight);
        request.task.cost.flops = *Expression::parse("1000000000000 * N");
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Suspect, said().c_str());
        QCOMPARE(find(m_last, "physics floor")->verdict, std::string("fail"));
    }
    void easyDataThatTakeLessTimeAreFlagged()
    {
        // A seed whose structured data are all one value.
        uint64_t seed = 0;
        std::vector<float> values(1000, 0.0f);
        do {
            ++seed;
            fillElements(task().inputs[0], {1000}, DataSet::Structured,
                         fillKey(seed, "thousand", DataSet::Structured, "x"), 0,
                         std::as_writable_bytes(std::span(values)));
        } while (values[0] != values[999]);
        const std::string eager =
            kernelOf("if (i < n) { if (x[0] != x[n - 1]) spin(3000); y[i] = 2.0f * x[i] + 1.0f; }", kSpin);
        EvaluateRequest request = requestFor(eager);
        request.seed = seed;
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        QCOMPARE(find(m_last, "time against data")->verdict, std::string("flag"));
        request.task.policy.timeDependsOnData = true;
        QVERIFY(evaluate(request));
        QCOMPARE(find(m_last, "time against data")->verdict, std::string("ok"));
    }
    void largeGainsAreSetAside()
    {
        EvaluateRequest request = requestFor(kRight);
        request.task.baseline.text =
            kernelOf("if (i < n) { spin(20000); y[i] = 2.0f * x[i] + 1.0f; }", kSpin);
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        QVERIFY(m_last.speedup && m_last.speedup->ratio > 10);
        QVERIFY(find(m_last, "quarantine") && find(m_last, "quarantine")->verdict == "flag");
    }

    void setsThatAreNoneAreRefused()
    {
        EvaluateRequest request = requestFor(kRight);
        request.sets = {"own"};
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Rejected && m_last.message.find("impulse") != std::string::npos,
                 said().c_str());
        request.sets = {"exact"};
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Rejected, said().c_str());
        request.sets = {"impulse"};
        request.lastStage = "correctness";
        QVERIFY(evaluate(request));
        QVERIFY2(m_last.verdict == Verdict::Passed, said().c_str());
        for (const CorrectnessRecord &record : m_last.correctness)
            QCOMPARE(record.set, std::string("impulse"));
    }
};

QTEST_GUILESS_MAIN(TestTrust)
#include "tst_trust.moc"
