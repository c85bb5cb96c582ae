// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks that a model writes: what its answers must hold, and that nothing gets past the examination.
#include "core/base/Paths.h"
#include "core/candidate/TaskAdmission.h"
#include "core/search/TaskReply.h"
#include "core/search/TaskWriting.h"
#include "tests/core/SearchFixtures.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace ww;
namespace fs = std::filesystem;

namespace {

std::string kernel(const std::string &name)
{
    return "//@ launch " + name + " grid(ceil_div(N, 64)) block(64) args(a, y, N)\n__kernel void " + name
        + "(__global const float *a, __global float *y, int n)\n"
          "{ int i = get_global_id(0); if (i < n) y[i] = 3.0f * a[i]; }\n";
}

std::string definition(const std::string &name, int64_t size = 1000)
{
    return fmt::format(R"({{
  "name": "{}", "description": "y = 3 a", "tags": ["elementwise"],
  "axes": {{"N": {{"type": "var", "description": "elements"}}}},
  "inputs": {{"a": {{"shape": ["N"], "dtype": "float32", "description": "factors"}}}},
  "outputs": {{"y": {{"shape": ["N"], "dtype": "float32", "description": "products"}}}},
  "workloads": [{{"name": "even", "axes": {{"N": {}}}}}, {{"name": "odd", "axes": {{"N": 33}}, "timed": false}}],
  "cost": {{"flops": "N", "bytes": "8 * N"}}
}})",
                       name, size);
}

std::string fenced(const std::string &info, const std::string &text)
{
    return "```" + info + "\n" + text + "\n```\n";
}

std::string answer(const std::string &json)
{
    return "Here it is.\n" + fenced("json", json) + "Reference:\n" + fenced("c", kernel("right"))
        + "Baseline:\n" + fenced("c", kernel("plain"));
}

AdmissionReport reportOf(const std::string &verdict)
{
    AdmissionReport report;
    report.checks = {{"references agree", verdict, "they differ by 3"}};
    report.baseline = fixtures::passed(1);
    return report;
}

} // namespace

class TestTaskWriting : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void answersWithoutATaskAreTold_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("said");
        const std::string json = fenced("json", definition("a"));
        const auto row = [](const char *name, const std::string &text, const char *said) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(said);
        };
        row("nothing", "", "0 fenced blocks with a JSON object");
        row("prose", "I would rather not.", "0 fenced blocks with a JSON object");
        row("two tasks", json + json, "2 fenced blocks with a JSON object");
        row("no kernels", json, "0 fenced blocks with a '//@ launch' line");
        row("one kernel", json + fenced("c", kernel("k")), "1 fenced blocks with a '//@ launch' line");
        row("cut off", json + "```c\n" + kernel("k"), "in the middle of a fenced block");
        row("endless", fenced("json", "{" + std::string(40'000, ' ') + "}"), "longer than");
    }
    void answersWithoutATaskAreTold()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, said);
        ModelReply reply;
        reply.text = text.toStdString();
        const auto texts = readTaskReply(reply);
        QVERIFY(!texts);
        QVERIFY2(texts.error().message().find(said.toStdString()) != std::string::npos,
                 texts.error().message().c_str());
    }

    void aTaskIsAFolderAsAnyOther()
    {
        const Result<WrittenTask> written = write({answer(definition("triple"))}, "ok");
        QVERIFY2(written, written ? "" : written.error().message().c_str());
        QVERIFY2(written->task, written->refused.c_str());
        QCOMPARE(written->task->name, std::string("triple"));
        QCOMPARE(m_asked.size(), size_t(1));
        QCOMPARE(m_examined, 1);
        const std::string &question = m_asked[0].turns[0].text;
        QVERIFY(question.find("softmax, matmul") != std::string::npos);
        QVERIFY(question.find("OpenCL C") != std::string::npos);
        const auto again = loadTask(folder());
        QVERIFY2(again, again ? "" : again.error().message().c_str());
        QCOMPARE(again->hash, written->task->hash);
    }

    void whatIsWrongIsSentBackOnceWithTheReason_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("said");
        const auto row = [](const char *name, const std::string &text, const char *said) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(said);
        };
        row("a poem", "Roses are red.", "JSON object");
        row("not JSON", answer("{\"name\": }"), "task.json:1");
        row("an unknown key", answer("{\"secret\": 1," + definition("x").substr(1)), "secret");
        row("a name that leads away", answer(definition("../../etc/x")), "name");
        row("a name that is taken", answer(definition("softmax")), "already");
        row("too large", answer(definition("large", int64_t {1} << 30)), "At most");
        row("another kernel's tensors",
            fenced("json", definition("x")) + fenced("c", kernel("k"))
                + fenced("c", "//@ launch k grid(N) block(1) args(nobody)\n__kernel void k() {}\n"),
            "baseline.cl:1");
    }
    void whatIsWrongIsSentBackOnceWithTheReason()
    {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, said);
        const Result<WrittenTask> written = write({first.toStdString(), answer(definition("good"))}, "ok");
        QVERIFY2(written, written ? "" : written.error().message().c_str());
        QVERIFY2(written->task, written->refused.c_str());
        QCOMPARE(m_asked.size(), size_t(2));
        QCOMPARE(m_examined, 1); // a worker saw the second one alone
        QCOMPARE(m_asked[1].turns.size(), size_t(3));
        const std::string &repair = m_asked[1].turns[2].text;
        QVERIFY2(repair.find(said.toStdString()) != std::string::npos, repair.c_str());
        QVERIFY2(repair.find(m_folder->path().toStdString()) == std::string::npos, repair.c_str());
    }

    void whatTheWorkerRefusesIsNoTaskAndLeavesNothing()
    {
        const Result<WrittenTask> written =
            write({answer(definition("one")), answer(definition("two"))}, "fail");
        QVERIFY(written && !written->task);
        QVERIFY2(written->refused.find("they differ by 3") != std::string::npos, written->refused.c_str());
        QCOMPARE(m_examined, 2);
        QVERIFY(m_asked[1].turns[2].text.find("they differ by 3") != std::string::npos);
        QVERIFY(!fs::exists(folder()));
    }

    void anEndpointThatCannotBeAskedIsAnError()
    {
        const Result<WrittenTask> written = write({}, "ok");
        QVERIFY(!written);
        QVERIFY(!fs::exists(folder()));
    }

    void aFolderThatIsThereIsLeftAlone()
    {
        fs::create_directories(folder());
        QVERIFY(writeFileAtomically(folder() + "/mine", "mine"));
        const Result<WrittenTask> written = write({answer(definition("one"))}, "ok");
        QVERIFY(!written);
        QVERIFY(fs::exists(folder() + "/mine"));
    }

private:
    [[nodiscard]] std::string folder() const
    {
        return m_folder->filePath(QStringLiteral("task")).toStdString();
    }
    /// Has a task written by a model that gives these answers, examined with that verdict.
    Result<WrittenTask> write(const std::vector<std::string> &answers, const std::string &verdict)
    {
        m_asked.clear();
        m_examined = 0;
        TaskWritingParts parts;
        parts.ask = [&](const ModelRequest &request) -> Result<ModelReply> {
            m_asked.push_back(request);
            if (m_asked.size() > answers.size())
                return failure(ErrorCode::Infrastructure, "the model does not answer");
            ModelReply reply;
            reply.text = answers[m_asked.size() - 1];
            return reply;
        };
        parts.examine = [&](const Task &) -> Result<AdmissionReport> {
            ++m_examined;
            return reportOf(verdict);
        };
        parts.language = "opencl";
        WW_TRY(const auto prompts, PromptWriter::load({WW_SOURCE_DIR "/resources/prompts"}));
        return writeTask(*prompts, parts, {"softmax", "matmul"}, folder());
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<ModelRequest> m_asked;
    int m_examined = 0;
};

QTEST_GUILESS_MAIN(TestTaskWriting)
#include "tst_task_writing.moc"
