// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels that are wrong in known ways: each gets the right verdict and a message a person can act on, and
// the next candidate passes.
#include "tests/adversarial/GateFixture.h"

#include <QTest>

#include <csignal>
#include <optional>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

class TestWrongKernels : public QObject {
    Q_OBJECT

    std::optional<Gate> m_gate;

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

    void rightKernelsPass_data()
    {
        QTest::addColumn<std::string>("source");
        QTest::newRow("naive") << kGateRight;
        QTest::newRow("scratch between two launches")
            << std::string("//@ scratch t: float32[N]\n"
                           "//@ launch first grid(ceil_div(N, 64)) block(64) args(x, t, N)\n"
                           "//@ launch second grid(ceil_div(N, 64)) block(64) args(t, y, N)\n"
                           "__kernel void first(__global const float *x, __global float *t, int n)\n"
                           "{ const int i = get_global_id(0); if (i < n) t[i] = 2.0f * x[i]; }\n"
                           "__kernel void second(__global const float *t, __global float *y, int n)\n"
                           "{ const int i = get_global_id(0); if (i < n) y[i] = t[i] + 1.0f; }\n");
        QTest::newRow("local memory and a barrier")
            << gateKernel("__local float tile[64]; const int l = get_local_id(0);"
                          " if (i < n) tile[l] = x[i]; barrier(CLK_LOCAL_MEM_FENCE);"
                          " if (i < n) y[i] = tile[l] + tile[l] + 1.0f;");
    }
    void rightKernelsPass()
    {
        QFETCH(std::string, source);
        const auto evaluation = m_gate->evaluate(source);
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        QVERIFY2(evaluation->verdict == Verdict::Passed, evaluation->message.c_str());
        QVERIFY(evaluation->speedup.has_value());
        for (const TrustRecord &record : evaluation->trust)
            QVERIFY2(record.verdict != "fail", (record.probe + ": " + record.value).c_str());
    }

    void wrongKernelsAreNamed_data()
    {
        QTest::addColumn<std::string>("source");
        QTest::addColumn<int>("verdict");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const std::string &source, Verdict verdict, const char *says) {
            QTest::newRow(name) << source << static_cast<int>(verdict) << QString::fromUtf8(says);
        };
        using enum Verdict;
        row("zero output", gateKernel("if (i < n) y[i] = 0;"), IncorrectNumerical, "all zeros");
        row("constant mean", gateKernel("if (i < n) y[i] = 1.0f;"), IncorrectNumerical, "expected");
        row("copied input", gateKernel("if (i < n) y[i] = x[i];"), IncorrectNumerical, "expected");
        row("99 percent", gateKernel("if (i < n) y[i] = 0.99f * (2.0f * x[i] + 1.0f);"), IncorrectNumerical,
            "expected");
        row("skipped tail", gateKernel("if (i < n / 64 * 64) y[i] = 2.0f * x[i] + 1.0f;"), IncorrectNumerical,
            "y[");
        row("off by one", gateKernel("if (i < n) y[i] = 2.0f * x[min(i + 1, n - 1)] + 1.0f;"),
            IncorrectNumerical, "expected");
        row("unwritten output", gateKernel("if (i < n && i != 7) y[i] = 2.0f * x[i] + 1.0f;"),
            IncorrectNumerical, "never written");
        row("NaN in one place", gateKernel("if (i < n) y[i] = i == 5 ? NAN : 2.0f * x[i] + 1.0f;"),
            IncorrectNumerical, "NaN");
        row("reads its output first",
            gateKernel("if (i < n) y[i] = 2.0f * x[i] + 1.0f + (y[i] > 1.0e3f ? 1.0f : 0.0f);"),
            IncorrectNumerical, "before");
        row("reads scratch it never wrote",
            "//@ scratch t: float32[N]\n//@ launch twice grid(ceil_div(N, 64)) block(64) args(x, y, t, N)\n"
            "__kernel void twice(__global const float *x, __global float *y, __global const float *t, int "
            "n)\n"
            "{ const int i = get_global_id(0); if (i < n) y[i] = 2.0f * x[i] + 1.0f + (t[i] > 1.0e3f ? 1.0f "
            ": 0.0f); }\n",
            IncorrectNumerical, "before");
        row("writes past the end",
            gateKernel("if (i < n) y[i] = 2.0f * x[i] + 1.0f; if (i == 0) y[n] = 1.0f;"), RuntimeError, "y");
        row("writes before the start",
            gateKernel("if (i < n) y[i] = 2.0f * x[i] + 1.0f; if (i == 0) y[-1] = 1.0f;"), RuntimeError, "y");
        row("changes its input",
            gateKernel("if (i < n) { y[i] = 2.0f * x[i] + 1.0f; ((__global float *)x)[i] = 0; }"),
            RuntimeError, "x");
        row("far out of bounds", gateKernel("if (i < n) y[i + (1L << 40)] = 1.0f;"), RuntimeError, "SIG");
        row("trap", gateKernel("if (i == 0) __builtin_trap();"), RuntimeError, "SIG");
        row("infinite loop", gateKernel("volatile int go = 1; while (go) { } y[0] = go;"), Timeout,
            "workload");
        row("prints without end", gateKernel("volatile int go = 1; while (go) printf(\"%d again\\n\", i);"),
            Timeout, "workload");
#ifdef __x86_64__
        // A counter that outlives the launch, which the language itself does not give.
        row("stops working after some launches",
            gateKernel(
                "int launches = 0; if (i < n) __asm__ volatile(\".pushsection .data\\n.Lcount%=: .long 0\\n"
                ".popsection\\n lock incl .Lcount%=(%%rip)\\n movl .Lcount%=(%%rip), %0\" : "
                "\"=r\"(launches));"
                " if (i < n && launches < 20000) y[i] = 2.0f * x[i] + 1.0f;"),
            IncorrectNumerical, "after timing");
#endif
        row("parameter of another size",
            kGatePlan
                + "__kernel void twice(__global const float *x, __global float *y, long n)\n"
                  "{ y[get_global_id(0)] = n; }\n",
            CompileError, "argument 3");
        row("a pointer where the plan has a number",
            kGatePlan
                + "__kernel void twice(__global const float *x, __global float *y, __global int *n)\n"
                  "{ y[get_global_id(0)] = n[0]; }\n",
            CompileError, "argument 3");
        row("too much local memory",
            kGatePlan
                + "__kernel void twice(__global const float *x, __global float *y, int n)\n"
                  "{ __local float t[1 << 24]; t[get_local_id(0)] = n; y[get_global_id(0)] = t[0]; }\n",
            ResourceLimit, "local memory");
        row("does not compile", gateKernel("y[i] = undeclared_name;"), CompileError, "undeclared_name");
        row("kernel missing", kGatePlan + "__kernel void other(__global const float *x) { }\n", CompileError,
            "twice");
        row("wrong number of arguments",
            "//@ launch twice grid(1) block(64) args(x, y)\n"
            "__kernel void twice(__global const float *x, __global float *y, int n) { }\n",
            CompileError, "twice");
        row("empty", "", Rejected, "empty");
        row("no plan", "__kernel void twice(__global float *y) { }\n", Rejected, "launch");
        row("plan that divides by zero",
            "//@ launch twice grid(N / (N - N)) block(64) args(x, y, N)\n__kernel void twice() { }\n",
            Rejected, "zero");
        row("group too large",
            "//@ launch twice grid(1) block(1048576) args(x, y, N)\n__kernel void twice() { }\n", Rejected,
            "block");
        row("NUL byte", kGateRight + std::string(1, '\0') + "\n", Rejected, "NUL");
        row("not UTF-8", kGateRight + "// \xff\n", Rejected, "UTF-8");
        row("ten megabytes", kGateRight + std::string(10u << 20, '/') + "\n", Rejected, "bytes");
    }
    void wrongKernelsAreNamed()
    {
        QFETCH(std::string, source);
        QFETCH(int, verdict);
        QFETCH(QString, says);
        const auto evaluation = m_gate->evaluate(source);
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        const std::string got = std::string(toString(evaluation->verdict)) + ": " + evaluation->message;
        QVERIFY2(evaluation->verdict == static_cast<Verdict>(verdict), got.c_str());
        std::string text = evaluation->message;
        for (const Diagnostic &diagnostic : evaluation->diagnostics)
            text += "\n" + diagnostic.message;
        QVERIFY2(text.find(says.toStdString()) != std::string::npos, text.c_str());

        const auto next = m_gate->evaluate(kGateRight, "correctness");
        QVERIFY2(next.has_value(), next ? "" : next.error().message().c_str());
        QVERIFY2(next->verdict == Verdict::Passed, next->message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestWrongKernels)
#include "tst_wrong_kernels.moc"
