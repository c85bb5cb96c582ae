// SPDX-License-Identifier: GPL-3.0-or-later
// The adversarial suite: right kernels that must not be flagged, and wrong or dishonest ones that must be
// rejected for the right reason, each a file of suite/ that says so. Every case goes through the real worker,
// and the one after it must find that worker unharmed. WARPWRIGHT_TEST_DEVICE=cuda:0 runs the CUDA twins too.
#include "tests/adversarial/GateFixture.h"
#include "tests/adversarial/SuiteCase.h"

#include <QTest>

#include <csignal>

using namespace ww;

namespace {

const QString kSuite = QStringLiteral(WW_SOURCE_DIR "/tests/adversarial/suite");

std::string rightKernel(Gate &gate, const std::string &task)
{
    return gate.task(task).baseline.text;
}

/// What came of one side, wrong kernels or controls.
struct Count {
    int asExpected = 0;
    int total = 0;
};

} // namespace

class TestSuite : public QObject {
    Q_OBJECT

    std::map<QString, std::unique_ptr<Gate>> m_gates; ///< by extension of their kernels
    std::map<QString, Count> m_wrong, m_controls;

    void addRows(const QString &extension)
    {
        const QStringList files = QDir(kSuite).entryList({QStringLiteral("*.") + extension}, QDir::Files);
        QVERIFY2(!files.isEmpty(), "the suite has no files: this test would be empty");
        for (const QString &file : files)
            QTest::newRow(qPrintable(file)) << kSuite + QLatin1Char('/') + file << extension;
    }

private slots:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        if (!Gate::workerIsBuilt())
            QSKIP("the OpenCL worker is not part of this build");
        m_gates[QStringLiteral("cl")] = std::make_unique<Gate>();
        const std::string device = qEnvironmentVariable("WARPWRIGHT_TEST_DEVICE").toStdString();
        if (device.starts_with("cuda"))
            m_gates[QStringLiteral("cu")] = std::make_unique<Gate>(std::vector<std::string>(), device);
        else
            qInfo("CUDA twins skipped: WARPWRIGHT_TEST_DEVICE names no CUDA device such as cuda:0");
        for (const auto &[extension, gate] : m_gates) {
            const std::string problem = gate->start();
            QVERIFY2(problem.empty(), problem.c_str());
        }
    }

    void verdictsAreAsStated_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("extension");
        for (const auto &[extension, gate] : m_gates)
            addRows(extension);
    }
    void verdictsAreAsStated()
    {
        QFETCH(QString, path);
        QFETCH(QString, extension);
        const std::optional<SuiteCase> stated = readSuiteCase(path);
        QVERIFY2(stated, "the file states no expectation that can be read");
        Gate &gate = *m_gates.at(extension);
        Count &count = (stated->isControl() ? m_controls : m_wrong)[extension];
        ++count.total;
        const auto evaluation = gate.evaluate(stated->source, {}, stated->task);
        if (!evaluation) {
            const std::string restarted = gate.start();
            QVERIFY2(restarted.empty(), restarted.c_str());
            QFAIL(evaluation.error().message().c_str());
        }
        std::string said = evaluation->message;
        for (const Diagnostic &diagnostic : evaluation->diagnostics)
            said += "\n" + diagnostic.message;
        const bool met = std::any_of(stated->expected.begin(), stated->expected.end(),
                                     [&](const SuiteCase::Expected &expected) {
                                         return expected.verdict == evaluation->verdict
                                             && said.find(expected.reason) != std::string::npos;
                                     });
        QVERIFY2(met, (std::string(toString(evaluation->verdict)) + ": " + said).c_str());
        for (const TrustRecord &record : evaluation->trust)
            QVERIFY2(!stated->isControl() || record.verdict != "fail",
                     (record.probe + ": " + record.value).c_str());
        QVERIFY2(correct(evaluation->verdict) || !evaluation->message.empty(),
                 "the verdict is not explained");
        ++count.asExpected;
        const auto next = gate.evaluate(rightKernel(gate, "affine"), "correctness");
        QVERIFY2(next.has_value(), next ? "" : next.error().message().c_str());
        QVERIFY2(next->verdict == Verdict::Passed, next->message.c_str());
    }

    /// Sources that no file in a repository can well hold.
    void unfitSourcesAreRejected_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QString>("says");
        const QByteArray right = QByteArray::fromStdString(kGateRight);
        QTest::newRow("empty") << QByteArray() << QStringLiteral("empty");
        QTest::newRow("NUL byte") << right + QByteArray(1, '\0') + "\n" << QStringLiteral("NUL");
        QTest::newRow("not UTF-8") << right + "// \xff\n" << QStringLiteral("UTF-8");
        QTest::newRow("ten megabytes") << right + QByteArray(10 << 20, '/') + "\n" << QStringLiteral("bytes");
    }
    void unfitSourcesAreRejected()
    {
        QFETCH(QByteArray, source);
        QFETCH(QString, says);
        const auto evaluation = m_gates.at(QStringLiteral("cl"))->evaluate(source.toStdString());
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        QCOMPARE(evaluation->verdict, Verdict::Rejected);
        QVERIFY2(evaluation->message.find(says.toStdString()) != std::string::npos,
                 evaluation->message.c_str());
    }

    void cleanupTestCase()
    {
        for (const auto &[extension, gate] : m_gates) {
            const Count wrong = m_wrong[extension], controls = m_controls[extension];
            qInfo("%s (.%s): %d wrong kernels rejected of %d, %d of %d controls flagged",
                  gate->capabilities().device.c_str(), qPrintable(extension), wrong.asExpected, wrong.total,
                  controls.total - controls.asExpected, controls.total);
        }
    }
};

QTEST_GUILESS_MAIN(TestSuite)
#include "tst_suite.moc"
