// SPDX-License-Identifier: GPL-3.0-or-later
// On a CPU device a kernel is native code that can make raw system calls. Each of these tries to get out of
// its sandbox, at every level of it that works here. A kernel writes the right answer only where its attack
// succeeded, so PASSED means an escape; what it would have left behind is looked for outside as well.
#include "tests/adversarial/GateFixture.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <map>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

namespace {

/// Raw x86-64 system calls for a kernel; PoCL's compiler takes inline assembly.
const std::string kSystemCall = R"(
inline long call(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    __asm__ volatile("movq %5, %%r10\n\tmovq %6, %%r8\n\tmovq %7, %%r9\n\tsyscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "g"(d), "g"(e), "g"(f)
                     : "rcx", "r8", "r9", "r10", "r11", "memory");
    return result;
}
)";

/// A kernel whose first work-item runs `attack` (it sets `won`) and whose answer is right only if it won.
std::string attackKernel(const std::string &attack)
{
    return kGatePlan + kSystemCall
        + "__kernel void twice(__global const float *x, __global float *y, int n)\n"
          "{\n    const int i = get_global_id(0);\n    int won = 0;\n    "
        + attack + "\n    if (i < n) y[i] = won ? 2.0f * x[i] + 1.0f : 12345.0f;\n}\n";
}

/// The path as a character array: string literals live in another address space in OpenCL C.
std::string pathArray(const std::string &path)
{
    std::string text = "const char path[] = {";
    for (const char c : path)
        text += std::to_string(static_cast<int>(c)) + ", ";
    return text + "0};";
}

int processesNamed(const QString &part)
{
    int count = 0;
    QDirIterator folders(QStringLiteral("/proc"), QDir::Dirs | QDir::NoDotAndDotDot);
    while (folders.hasNext()) {
        QFile file(folders.next() + QStringLiteral("/stat"));
        if (file.open(QIODevice::ReadOnly)) {
            const QByteArray stat = file.readAll();
            // A zombie waits for its parent and does nothing.
            count += stat.contains(part.left(15).toUtf8()) && !stat.contains(") Z ") ? 1 : 0;
        }
    }
    return count;
}

const QString kWorkerName = QStringLiteral("warpwright-worker-opencl");

} // namespace

class TestEscape : public QObject {
    Q_OBJECT

    std::map<std::string, std::unique_ptr<Gate>> m_gates; ///< by sandbox level
    QTemporaryDir m_home {QDir::homePath() + QStringLiteral("/.ww-escape-XXXXXX")};

    std::string homeFile(const char *name) const
    {
        return m_home.filePath(QLatin1String(name)).toStdString();
    }

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (!Gate::workerIsBuilt())
            QSKIP("the OpenCL worker is not part of this build");
#ifndef __x86_64__
        QSKIP("the attacks are written in x86-64 assembly");
#endif
        QVERIFY(m_home.isValid());
        for (const char *level : {"bwrap", "landlock"}) {
            auto gate = std::make_unique<Gate>(std::vector<std::string> {"--sandbox", level});
            const std::string problem = gate->start();
            if (problem.empty())
                m_gates[level] = std::move(gate);
            else
                qWarning("sandbox level %s does not work here: %s", level, problem.c_str());
        }
        QVERIFY2(!m_gates.empty(), "no sandbox level works here, so nothing can be tested");
    }

    void attacksFail_data()
    {
        QTest::addColumn<QString>("level");
        QTest::addColumn<std::string>("source");
        QTest::addColumn<QString>("says");
        const std::map<std::string, std::pair<std::string, const char *>> attacks {
            {"opens a home file",
             {attackKernel("if (i == 0) { " + pathArray(homeFile("secret"))
                           + " won = call(2, (long)path, 0, 0, 0, 0, 0) >= 0; }"),
              ""}},
            {"opens the password file",
             {attackKernel("if (i == 0) { " + pathArray("/etc/passwd")
                           + " won = call(2, (long)path, 0, 0, 0, 0, 0) >= 0; }"),
              ""}},
            {"writes outside",
             {attackKernel("if (i == 0) { " + pathArray(homeFile("planted"))
                           + " won = call(2, (long)path, 0101, 0666, 0, 0, 0) >= 0; }"),
              ""}},
            {"opens a socket",
             {attackKernel("if (i == 0) won = call(41, 2, 1, 0, 0, 0, 0) >= 0;"), "system call"}},
            {"kills its parent",
             {attackKernel("if (i == 0) won = call(62, call(110, 0, 0, 0, 0, 0, 0), 9, 0, 0, 0, 0) == 0;"),
              ""}},
            {"kills everybody", {attackKernel("if (i == 0) won = call(62, -1, 9, 0, 0, 0, 0) == 0;"), ""}},
            {"traces its parent",
             {attackKernel("if (i == 0) won = call(101, 16, call(110, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0) == 0;"),
              ""}},
            {"forks without end", {attackKernel("if (i == 0) { for (;;) call(57, 0, 0, 0, 0, 0, 0); }"), ""}},
            {"fills memory",
             {attackKernel("if (i == 0) { long total = 0; for (; total < 64;) { long p = call(9, 0, 1L << "
                           "30, 3, 0x8022, -1, 0);"
                           " if (p < 0) break; ++total; } won = total >= 64; }"),
              ""}},
            {"fills the disk",
             {attackKernel("if (i == 0) { " + pathArray("/tmp/filler")
                           + " long fd = call(2, (long)path, 0101, 0666, 0, 0, 0); long gib = 0;"
                             " if (fd >= 0) gib = call(285, fd, 0, 0, 8L << 30, 0, 0) == 0 ? 8 : 0; won = "
                             "gib >= 8; }"),
              ""}},
            {"becomes root",
             {attackKernel(
                  "if (i == 0) won = call(105, 0, 0, 0, 0, 0, 0) == 0 && call(102, 0, 0, 0, 0, 0, 0) == 0;"),
              ""}},
            {"ends its process", {attackKernel("if (i == 0) call(231, 0, 0, 0, 0, 0, 0);"), ""}},
        };
        for (const auto &[level, gate] : m_gates) {
            for (const auto &[name, attack] : attacks)
                QTest::newRow((level + ": " + name).c_str())
                    << QString::fromStdString(level) << attack.first << QString::fromUtf8(attack.second);
        }
    }
    void attacksFail()
    {
        QFETCH(QString, level);
        QFETCH(std::string, source);
        QFETCH(QString, says);
        QFile secret(QString::fromStdString(homeFile("secret")));
        QVERIFY(secret.open(QIODevice::WriteOnly));
        secret.write("the secret of this house");
        secret.close();

        Gate &gate = *m_gates.at(level.toStdString());
        const auto evaluation = gate.evaluate(source);
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        const std::string got = std::string(toString(evaluation->verdict)) + ": " + evaluation->message;
        QVERIFY2(evaluation->verdict != Verdict::Passed && evaluation->verdict != Verdict::InfraError
                     && evaluation->verdict != Verdict::CompileError,
                 (got + evaluation->buildLog).c_str());
        QVERIFY2(!evaluation->message.empty(), "the failure is not explained");
        QVERIFY2(evaluation->message.find(says.toStdString()) != std::string::npos, got.c_str());
        QVERIFY2(!QFile::exists(QString::fromStdString(homeFile("planted"))),
                 "the kernel wrote outside its sandbox");

        const auto next = gate.evaluate(kGateRight, "correctness");
        QVERIFY2(next.has_value(), next ? "" : next.error().message().c_str());
        QVERIFY2(next->verdict == Verdict::Passed, next->message.c_str());
        QVERIFY2(processesNamed(kWorkerName) < 40, "the attack's processes live on");
    }

    void includedFilesNeverReachTheLog_data()
    {
        QTest::addColumn<QString>("level");
        QTest::addColumn<std::string>("source");
        const std::map<std::string, std::string> disguises {
            {"plain", "#include \"/etc/passwd\"\n" + kGateRight},
            {"by macro", "#define FILE \"/etc/passwd\"\n#include FILE\n" + kGateRight},
            {"spliced", "#inc\\\nlude \"/etc/passwd\"\n" + kGateRight},
            {"behind a comment", "/* */ # /* */ include \"/etc/passwd\"\n" + kGateRight},
            {"digraph", "%:include \"/etc/passwd\"\n" + kGateRight},
            {"trigraph", "?\?=include \"/etc/passwd\"\n" + kGateRight},
            {"next", "#include_next \"/etc/passwd\"\n" + kGateRight},
            {"import", "#import \"/etc/passwd\"\n" + kGateRight},
            {"assembler", kGateRight + "__asm__(\".include \\\"/etc/passwd\\\"\");\n"},
            {"assembler binary", kGateRight + "__asm__(\".incbin \\\"/etc/passwd\\\"\");\n"},
        };
        for (const auto &[level, gate] : m_gates) {
            for (const auto &[name, source] : disguises)
                QTest::newRow((level + ": " + name).c_str()) << QString::fromStdString(level) << source;
        }
    }
    void includedFilesNeverReachTheLog()
    {
        QFETCH(QString, level);
        QFETCH(std::string, source);
        const auto evaluation = m_gates.at(level.toStdString())->evaluate(source, "compile");
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        std::string told = evaluation->message + evaluation->buildLog;
        for (const Diagnostic &diagnostic : evaluation->diagnostics)
            told += diagnostic.message;
        QVERIFY2(evaluation->verdict != Verdict::Passed, "a candidate could include a file");
        QVERIFY2(told.find("root:") == std::string::npos, told.c_str());
    }

    void theLevelInForceIsReported()
    {
        for (const auto &[level, gate] : m_gates) {
            QVERIFY2(gate->capabilities().sandbox.find(level) != std::string::npos,
                     gate->capabilities().sandbox.c_str());
            const auto evaluation = gate->evaluate(kGateRight);
            QVERIFY(evaluation.has_value());
            QCOMPARE(evaluation->environment.at("sandbox"), gate->capabilities().sandbox);
        }
    }

    void noSandboxNeedsAnExplicitFlag()
    {
        Gate open({"--no-sandbox"});
        QCOMPARE(open.start(), std::string());
        QCOMPARE(open.capabilities().sandbox, std::string("none"));
        for (const auto &[level, gate] : m_gates)
            QVERIFY(gate->capabilities().sandbox != "none");
    }
};

QTEST_GUILESS_MAIN(TestEscape)
#include "tst_escape.moc"
