// SPDX-License-Identifier: GPL-3.0-or-later
// Mistakes that models make, put through the real compilers: each is recognised by what these say of it, and
// the falsifier of each rule really fails in the rule's way. NVRTC needs no GPU.
#include "core/base/Hash.h"
#include "core/candidate/TaskAdmission.h"
#include "core/memory/FailureClass.h"
#include "core/memory/Falsifier.h"
#include "core/memory/KnownMistakes.h"
#include "core/memory/Learning.h"
#include "core/memory/Sentence.h"
#include "core/worker/WorkerClient.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <map>

using namespace ww;

namespace {

const QString kMistakes = QStringLiteral(WW_SOURCE_DIR "/tests/data/mistakes");

/// What "// class: NAME" in the second line of a file says.
std::string expectedClass(const std::string &source)
{
    const std::string mark = "// class: ";
    const size_t at = source.find(mark);
    return at == std::string::npos
        ? ""
        : source.substr(at + mark.size(), source.find('\n', at) - at - mark.size());
}

std::string described(const FailureFinding &finding)
{
    switch (finding.kind) {
    case FailureFinding::Kind::None: return "none";
    case FailureFinding::Kind::Infrastructure: return "infrastructure";
    case FailureFinding::Kind::Unexplained: return "unexplained";
    case FailureFinding::Kind::Explained: return finding.failure.name;
    }
    return {};
}

} // namespace

class TestKnownMistakes : public QObject {
    Q_OBJECT

    struct Language {
        std::unique_ptr<WorkerClient> worker;
        std::string problem;
    };
    std::map<std::string, Language> m_languages;

    Language &language(const std::string &name)
    {
        const auto known = m_languages.find(name);
        if (known != m_languages.end() && (!known->second.worker || known->second.worker->alive()))
            return known->second;
        Language &made = m_languages[name];
        const auto spec = localWorker(name == "cuda" ? "cuda:sm_90" : "opencl");
        if (!spec) {
            made.problem = spec.error().message();
            return made;
        }
        auto worker = WorkerClient::start(*spec);
        if (worker)
            made.worker = std::move(*worker);
        else
            made.problem = worker.error().message();
        return made;
    }

    static Result<Evaluation> evaluate(WorkerClient &worker, const Task &task, const std::string &source,
                                       const std::string &lastStage)
    {
        EvaluateRequest request;
        request.id = randomToken();
        request.nonce = randomToken();
        request.task = task;
        request.candidate = {"test", source, {}};
        request.lastStage = lastStage;
        request.budgets.smokeSeconds = 1;
        request.budgets.correctnessSeconds = 5;
        return worker.evaluate(request, {});
    }

private slots:
    void mistakesAreRecognised_data()
    {
        QTest::addColumn<QString>("file");
        const QStringList files = QDir(kMistakes).entryList({QStringLiteral("*.cl"), QStringLiteral("*.cu")});
        QVERIFY(files.size() > 100);
        for (const QString &file : files)
            QTest::newRow(qPrintable(file)) << file;
    }
    void mistakesAreRecognised()
    {
        QFETCH(QString, file);
        const std::string name = file.endsWith(QStringLiteral(".cu")) ? "cuda" : "opencl";
        Language &spoken = language(name);
        if (!spoken.worker)
            QSKIP(spoken.problem.c_str());
        QFile read(kMistakes + QLatin1Char('/') + file);
        QVERIFY(read.open(QIODevice::ReadOnly));
        const std::string source = read.readAll().toStdString();
        const auto task = loadTask(WW_SOURCE_DIR "/tests/adversarial/tasks/affine", name);
        QVERIFY(task.has_value());
        const auto evaluation = evaluate(*spoken.worker, *task, source,
                                         file.startsWith(QStringLiteral("run-")) ? "correctness" : "compile");
        QVERIFY2(evaluation.has_value(), evaluation ? "" : evaluation.error().message().c_str());
        const FailureFinding finding = classify(*evaluation, name, source);
        const std::string expected = expectedClass(source);
        const std::string found = described(finding);
        const bool sameKind = expected.starts_with("compiler-") && found.starts_with(expected);
        QVERIFY2(found == expected || sameKind,
                 (found + ": " + evaluation->message + "\n" + evaluation->buildLog).c_str());
        if (finding.kind == FailureFinding::Kind::Explained) {
            QVERIFY(checkedSentence(finding.failure.sentence).has_value());
            QVERIFY(!finding.failure.diagnostic.empty());
            QVERIFY(finding.failure.sentence.find("Ignore") == std::string::npos);
        }
    }

    void falsifiersFailInTheirRulesWay_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("errorClass");
        QTest::addColumn<QString>("source");
        for (const char *name : {"opencl", "cuda"}) {
            const auto own = std::string_view(name) == "cuda" ? cudaMistakes() : openClMistakes();
            for (const auto &list : {own, planMistakes()}) {
                for (const KnownMistake &one : list) {
                    if (!*one.declarations && !*one.statements && !*one.plan)
                        continue;
                    QTest::addRow("%s %s", name, one.name)
                        << QString::fromLatin1(name) << QString::fromLatin1(one.name)
                        << QString::fromStdString(
                               probeSource(name, one.declarations, one.statements, one.plan));
                }
            }
        }
    }
    void falsifiersFailInTheirRulesWay()
    {
        QFETCH(QString, language);
        QFETCH(QString, errorClass);
        QFETCH(QString, source);
        Language &spoken = this->language(language.toStdString());
        if (!spoken.worker)
            QSKIP(spoken.problem.c_str());
        Rule rule;
        rule.language = language.toStdString();
        rule.errorClass = errorClass.toStdString();
        rule.falsifier.source = source.toStdString();
        const auto task = falsifierTask(rule.language);
        QVERIFY2(task.has_value(), task ? "" : task.error().message().c_str());
        const auto evaluation = evaluate(*spoken.worker, *task, rule.falsifier.source, "compile");
        QVERIFY(evaluation.has_value());
        const FalsifierFinding finding = judgeFalsifier(rule, *evaluation);
        QVERIFY2(finding.check == RuleCheck::Holds, (finding.why + "\n" + evaluation->buildLog).c_str());
    }

    void aRuleThatIsNotTrueHereIsRefuted_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("opencl") << QStringLiteral("opencl");
        QTest::newRow("cuda") << QStringLiteral("cuda");
    }
    void aRuleThatIsNotTrueHereIsRefuted()
    {
        QFETCH(QString, language);
        Language &spoken = this->language(language.toStdString());
        if (!spoken.worker)
            QSKIP(spoken.problem.c_str());
        Rule rule;
        rule.language = language.toStdString();
        rule.errorClass = "imported-1";
        rule.falsifier.source =
            probeSource(rule.language, {}, "    int two = 2;\n    if (two < 0) y[0] = two;");
        const auto task = falsifierTask(rule.language);
        const auto evaluation = evaluate(*spoken.worker, *task, rule.falsifier.source, "compile");
        QVERIFY(evaluation.has_value());
        QCOMPARE(judgeFalsifier(rule, *evaluation).check, RuleCheck::Refuted);
        rule.falsifier.expectation = Falsifier::Expectation::Compiles;
        QCOMPARE(judgeFalsifier(rule, *evaluation).check, RuleCheck::Holds);
    }

    /// The source of a candidate of any task becomes a falsifier of its own.
    void candidatesBecomeFalsifiers()
    {
        Language &spoken = language("opencl");
        if (!spoken.worker)
            QSKIP(spoken.problem.c_str());
        const std::string source = "//@ tune WIDTH = 4, 8\n"
                                   "//@ launch rows grid(M) block(WIDTH) args(A, B, M)\n"
                                   "__kernel void rows(__global const float *a, __global float *b, int m)\n"
                                   "{ switch (m) { case WIDTH: b[0] = 0; case WIDTH: b[1] = a[0]; } }\n";
        Rule rule;
        rule.language = "opencl";
        rule.falsifier.source = probeOf("opencl", source, {{"WIDTH", 8}});
        const auto task = falsifierTask("opencl");
        const auto evaluation = evaluate(*spoken.worker, *task, rule.falsifier.source, "compile");
        QVERIFY(evaluation.has_value());
        const FailureFinding finding = classify(*evaluation, "opencl", rule.falsifier.source);
        QVERIFY2(finding.failure.name.starts_with("compiler-duplicate-case-value"),
                 evaluation->message.c_str());
        rule.errorClass = finding.failure.name;
        QCOMPARE(judgeFalsifier(rule, *evaluation).check, RuleCheck::Holds);
    }
};

QTEST_GUILESS_MAIN(TestKnownMistakes)
#include "tst_known_mistakes.moc"
