// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/search/PromptText.h"
#include "core/search/PromptWriter.h"
#include "tests/core/SearchFixtures.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace ww;
using fixtures::SessionMaker;
namespace fs = std::filesystem;

namespace {

const std::string kShipped = WW_SOURCE_DIR "/resources/prompts";

bool holds(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

/// A session with one candidate that has that evaluation.
SessionMaker sessionWith(const Evaluation &evaluation, const std::string &language = "opencl")
{
    SessionMaker maker;
    SessionCreated created = fixtures::created();
    Task task = fixtures::doubling();
    task.language = language;
    created.task = std::make_shared<const Task>(task);
    created.config.model.model = "m";
    Capabilities device;
    device.device = "Scripted 9000";
    device.deviceKind = "cpu";
    device.localMemoryBytes = 32768;
    (void)maker.add(std::move(created));
    (void)maker.add(RunStarted {{device}, maker.session.config, false});
    (void)maker.add(fixtures::proposed(1, 0, 1, MoveKind::Large, "first idea"));
    (void)maker.add(EvaluationFinished {1, false, evaluation, {}});
    return maker;
}

PromptInput inputOf(MoveKind kind, CandidateId parent, const std::string &hint = {})
{
    PromptInput input;
    input.move.kind = kind;
    input.move.parent = parent;
    if (parent != 0)
        input.move.context = {{parent, LineageRole::Parent}};
    input.move.hint = hint;
    return input;
}

std::string textOf(const Question &question)
{
    return question.request.system.get() + question.request.turns.back().text;
}

} // namespace

class TestPrompts : public QObject {
    Q_OBJECT

private slots:
    void faultsInAPromptAreLocated_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("where");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("unknown slot")
            << QByteArray("a\nb {{tusk}}\n") << QByteArray("p.md:2:3") << QByteArray("tusk");
        QTest::newRow("not closed") << QByteArray("{{task\n}}") << QByteArray("p.md:1:1") << QByteArray("}}");
        QTest::newRow("never closed") << QByteArray("x{{") << QByteArray("p.md:1:2") << QByteArray("}}");
        QTest::newRow("part left open")
            << QByteArray("\n{{#task}}x") << QByteArray("p.md:2:1") << QByteArray("not closed");
        QTest::newRow("closes nothing")
            << QByteArray("{{/task}}") << QByteArray("p.md:1:1") << QByteArray("closes nothing");
        QTest::newRow("crossed parts") << QByteArray("{{#task}}{{#hint}}{{/task}}{{/hint}}")
                                       << QByteArray("p.md:1:19") << QByteArray("closes nothing");
        QTest::newRow("empty name") << QByteArray("{{}}") << QByteArray("p.md:1:1") << QByteArray("no slot");
        QTest::newRow("not UTF-8") << QByteArray("\xff") << QByteArray("p.md:1:1") << QByteArray("UTF-8");
    }
    void faultsInAPromptAreLocated()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, where);
        QFETCH(QByteArray, says);
        const auto prompt = PromptFile::parse("p.md", text.toStdString(), {"task", "hint"});
        QVERIFY(!prompt);
        QCOMPARE(prompt.error().where, where.toStdString());
        QVERIFY2(holds(prompt.error().message(), says.toStdString()), prompt.error().message().c_str());
    }

    void slotsAreFilledOnce()
    {
        const auto prompt = PromptFile::parse("p.md", "<{{task}}> {{hint}}\n", {"task", "hint"});
        QCOMPARE(prompt->fill({{"task", "{{hint}}"}, {"hint", "h"}}), std::string("<{{hint}}> h\n"));
        QCOMPARE(prompt->fill({}), std::string("<> \n"));
    }

    void partsWithoutAValueAreLeftOut()
    {
        const auto prompt = PromptFile::parse(
            "p.md", "a\n{{#task}}\nt {{task}}\n{{#hint}}\nh {{hint}}\n{{/hint}}\n{{/task}}\nz\n",
            {"task", "hint"});
        QVERIFY(prompt);
        QCOMPARE(prompt->fill({}), std::string("a\nz\n"));
        QCOMPARE(prompt->fill({{"hint", "x"}}), std::string("a\nz\n"));
        QCOMPARE(prompt->fill({{"task", "x"}}), std::string("a\nt x\nz\n"));
        QCOMPARE(prompt->fill({{"task", "x"}, {"hint", "y"}}), std::string("a\nt x\nh y\nz\n"));
    }

    void aMissingPromptIsNamed()
    {
        const QTemporaryDir folder;
        const auto writer = PromptWriter::load({folder.path().toStdString()});
        QVERIFY(!writer);
        QVERIFY(holds(writer.error().message(), "system.md")
                && holds(writer.error().message(), folder.path().toStdString()));
    }

    void aPersonsCopyGoesFirst()
    {
        const QTemporaryDir folder;
        const std::string own = folder.path().toStdString();
        QVERIFY(writeFileAtomically(own + "/large.md", "My own words.{{#hint}} {{hint}}{{/hint}}\n"));
        const auto writer = PromptWriter::load({own, kShipped});
        QVERIFY2(writer, writer ? "" : writer.error().message().c_str());
        const auto shipped = PromptWriter::load({kShipped});
        const SessionMaker maker = sessionWith(fixtures::passed(2));
        const ModelCallKey key {2, MoveKind::Large, 1};
        const auto mine = (*writer)->first(maker.session, key, inputOf(MoveKind::Large, 0, "use tiles"));
        const auto theirs = (*shipped)->first(maker.session, key, inputOf(MoveKind::Large, 0));
        QCOMPARE(mine->request.turns[0].text, std::string("My own words. use tiles\n"));
        QCOMPARE(mine->request.system, theirs->request.system);
        QCOMPARE(mine->prompts.at("system"), theirs->prompts.at("system"));
        QVERIFY(mine->prompts.at("large") != theirs->prompts.at("large")); // its version is told
        QVERIFY(writeFileAtomically(own + "/large.md", "{{nonsense}}"));
        const auto broken = PromptWriter::load({own, kShipped});
        QVERIFY(!broken);
        QVERIFY(holds(broken.error().where, own + "/large.md:1:1"));
    }

    void aLargeStepShowsTaskDeviceRulesAndContext()
    {
        const auto writer = PromptWriter::load({kShipped});
        const SessionMaker maker = sessionWith(fixtures::passed(2.5));
        PromptInput input = inputOf(MoveKind::Large, 1, "try two rows");
        input.memory = "- You cannot divide by zero.";
        const auto question = (*writer)->first(maker.session, {2, MoveKind::Large, 1}, input);
        QVERIFY2(question, question ? "" : question.error().message().c_str());
        const std::string text = textOf(*question);
        for (const char *part : {"y = 2·x", "Scripted 9000", "32768 bytes", "//@ launch", "first idea",
                                 "2.5×", "You cannot divide by zero", "try two rows", "void reference",
                                 "void baseline", "OpenCL C", "Title:", "100 µs"})
            QVERIFY2(holds(text, part), part);
        QVERIFY(!holds(text, "{{") && !holds(text, "<<<<<<<"));
        QVERIFY(!holds(question->request.system, "first idea")); // what changes is no part of what is cached
    }

    void aSmallStepAsksForEditsOfItsParent()
    {
        const auto writer = PromptWriter::load({kShipped});
        Evaluation failing = fixtures::failed(Verdict::CompileError, "the kernel does not compile");
        failing.diagnostics = {{Diagnostic::Severity::Error, 2, 5, "use of undeclared identifier 'q'"},
                               {Diagnostic::Severity::Warning, 1, 1, "a warning"}};
        const SessionMaker maker = sessionWith(failing, "cuda");
        const auto question =
            (*writer)->first(maker.session, {2, MoveKind::Small, 1}, inputOf(MoveKind::Small, 1));
        const std::string text = textOf(*question);
        for (const char *part :
             {"<<<<<<< OLD", "undeclared identifier 'q'", "line 2, column 5", "CUDA C++", "Repair"})
            QVERIFY2(holds(text, part), part);
        QVERIFY(!holds(text, "a warning"));
        QVERIFY(!holds(text, "faster by one change"));
    }

    void everyShippedTaskHasAPromptOfBearableLength_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QString>("language");
        const QDir kernels(QStringLiteral(WW_SOURCE_DIR "/kernels"));
        for (const QString &task : kernels.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            for (const char *language : {"opencl", "cuda"})
                QTest::addRow("%s, %s", qPrintable(task), language)
                    << kernels.filePath(task) << QString::fromLatin1(language);
        }
    }
    void everyShippedTaskHasAPromptOfBearableLength()
    {
        QFETCH(QString, task);
        QFETCH(QString, language);
        const auto loadedTask = loadTask(task.toStdString(), language.toStdString());
        QVERIFY2(loadedTask, loadedTask ? "" : loadedTask.error().message().c_str());
        SessionMaker maker;
        SessionCreated created = fixtures::created();
        created.task = std::make_shared<const Task>(*loadedTask);
        QVERIFY(maker.add(std::move(created)));
        const auto writer = PromptWriter::load({kShipped});
        const auto question =
            (*writer)->first(maker.session, {1, MoveKind::Large, 1}, inputOf(MoveKind::Large, 0));
        QVERIFY2(question, question ? "" : question.error().message().c_str());
        const std::string text = textOf(*question);
        QVERIFY(holds(text, loadedTask->reference.text) && holds(text, loadedTask->baseline.text));
        for (const TensorSpec &tensor : loadedTask->inputs)
            QVERIFY2(holds(text, "- " + tensor.name + " "), tensor.name.c_str());
        QVERIFY(text.size() > 4000 && text.size() < 40'000);
        for (const KernelSource &variant : loadedTask->variants)
            QVERIFY(!holds(text, variant.text)); // the catalogue is not given away
    }

    void thePlanThatIsShownAsAnExampleHolds()
    {
        const auto rules = readTextFile(kShipped + "/plan_rules.md");
        std::string plan;
        for (const QByteArray &line : QByteArray::fromStdString(*rules).split('\n')) {
            if (line.startsWith("//@"))
                plan += line.toStdString() + "\n";
        }
        const PlanParse parsed = parsePlan(plan);
        QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error("plan_rules.md").message().c_str());
        QCOMPARE(parsed.plan.launches.size(), size_t(2));
    }

    void whatIsForPeopleIsNeverTold()
    {
        Evaluation evaluation = fixtures::failed(Verdict::IncorrectNumerical, "y[3] is 1, expected 2");
        evaluation.forPeople = {"SECRET-detail", "--seed SECRET-seed"};
        evaluation.trust = {{"SECRET-probe", "fail", "SECRET-value"}};
        CorrectnessRecord hidden;
        hidden.ok = false;
        hidden.set = "default";
        hidden.hidden = true;
        hidden.shape = "N=SECRET-shape";
        CorrectnessRecord other = hidden;
        other.hidden = false;
        other.set = "SECRET-set";
        other.shape = "N=SECRET-other";
        CorrectnessRecord own = hidden;
        own.hidden = false;
        own.shape = "N=64";
        own.place = "[3]";
        own.seedTag = 987654321;
        evaluation.correctness = {hidden, other, own};
        const auto writer = PromptWriter::load({kShipped});
        const SessionMaker maker = sessionWith(evaluation);
        for (const MoveKind kind : {MoveKind::Small, MoveKind::Large}) {
            const auto question = (*writer)->first(maker.session, {2, kind, 1}, inputOf(kind, 1));
            const std::string text = textOf(*question);
            QVERIFY2(!holds(text, "SECRET") && !holds(text, "987654321"), text.c_str());
            QVERIFY(holds(text, "y[3] is 1, expected 2") && holds(text, "N=64"));
        }
    }

    void structuredAnswersAreAskedForWhereWanted()
    {
        const auto writer = PromptWriter::load({kShipped});
        SessionMaker maker = sessionWith(fixtures::passed(2));
        maker.session.config.model.structured = true;
        const auto question =
            (*writer)->first(maker.session, {2, MoveKind::Small, 1}, inputOf(MoveKind::Small, 1));
        QVERIFY(holds(question->request.jsonSchema, "edits"));
        QVERIFY(!holds(textOf(*question), "<<<<<<<"));
    }

    void aRepairTellsTheExactFault()
    {
        const auto writer = PromptWriter::load({kShipped});
        const SessionMaker maker = sessionWith(fixtures::passed(2));
        const ModelCallKey key {2, MoveKind::Large, 1};
        const auto first = (*writer)->first(maker.session, key, inputOf(MoveKind::Large, 0));
        const auto repair =
            (*writer)->repair({2, MoveKind::Large, 2}, *first, " \n", "it has no //@ launch line");
        QCOMPARE(repair->request.turns.size(), size_t(3));
        QCOMPARE(repair->request.turns[0].text, first->request.turns[0].text);
        QVERIFY(!repair->request.turns[1].text.empty() && repair->request.turns[1].text != " \n");
        QVERIFY(holds(repair->request.turns[2].text, "it has no //@ launch line"));
        QVERIFY(repair->request.label != first->request.label);
    }

    void codeWithFencesIsFencedLonger()
    {
        SessionMaker maker = sessionWith(fixtures::passed(2));
        Node node = maker.session.nodes[1];
        node.candidate.source = "/*\n```\n*/\n";
        QVERIFY(holds(kernelText(node, "opencl"), "````c\n/*\n```\n*/\n````\n"));
    }
};

QTEST_APPLESS_MAIN(TestPrompts)
#include "tst_prompts.moc"
