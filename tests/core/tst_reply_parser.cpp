// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/ReplyJson.h"
#include "core/search/ReplyParser.h"
#include "core/search/ReplyText.h"

#include <QJsonDocument>
#include <QTest>

using namespace ww;

namespace {

const std::string kPlan = "//@ launch twice grid(1) block(64) args(x, y)\n";
const std::string kBody = "__kernel void twice(__global const float *x, __global float *y)\n"
                          "{\n    y[get_global_id(0)] = 2.0f * x[get_global_id(0)];\n}\n";
const std::string kSource = kPlan + kBody;

ModelReply replyOf(const std::string &text, const std::string &stop = "stop")
{
    ModelReply reply;
    reply.text = text;
    reply.stop = stop;
    return reply;
}

std::string withCrLf(const std::string &text)
{
    std::string out;
    for (const char c : text)
        out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

std::string fence(const std::string &code, const std::string &info = "c", const std::string &mark = "```")
{
    return mark + info + "\n" + code + mark + "\n";
}

std::string edit(const std::string &from, const std::string &to)
{
    return "<<<<<<< OLD\n" + from + "=======\n" + to + ">>>>>>> NEW\n";
}

const std::string kOld = "    y[get_global_id(0)] = 2.0f * x[get_global_id(0)];\n";
const std::string kNew = "    y[get_global_id(0)] = x[get_global_id(0)] + x[get_global_id(0)];\n";
const std::string kEdited =
    kPlan + "__kernel void twice(__global const float *x, __global float *y)\n{\n" + kNew + "}\n";

} // namespace

class TestReplyParser : public QObject {
    Q_OBJECT

private slots:
    void refusesWhatHoldsNoCandidate_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("stop");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const std::string &text, const char *says,
                            const char *stop = "stop") {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(stop) << QByteArray(says);
        };
        row("nothing", "", "no kernel");
        row("blanks", " \n\t\n", "no kernel");
        row("prose alone", "I would tile the loops and use local memory.", "no kernel");
        row("a refusal", "I'm sorry, I can't help with that.", "no kernel");
        row("thoughts alone", "<think>perhaps tiles…", "no kernel");
        row("no plan", fence(kBody), "no //@ launch line");
        row("no plan, no fence", kBody, "no //@ launch line");
        row("no kernel", fence(kPlan), "no kernel");
        row("plan outside the block", kPlan + fence(kBody) + fence("x = 1\n", "python"),
            "outside the code block");
        row("host code", fence("int main() { return 0; }\n", "cpp"), "no kernel");
        row("cut off by the endpoint", "Title: x\n```c\n" + kPlan + "__kernel void twice(", "cut off",
            "length");
        row("cut off in silence", "```c\n" + kPlan + "__kernel void twice(", "cut off");
        row("cut off before the code", "First I think about", "cut off", "max_tokens");
        row("empty block", fence(""), "no kernel");
        row("edits instead", fence(edit(kOld, kNew)), "no");
        row("JSON without a source", R"({"title": "x"})", "neither");
        row("JSON with edits", R"({"title": "x", "edits": [{"old": "a", "new": "b"}]})", "whole source");
        row("JSON of wrong type", R"({"title": "x", "source": 7})", "source");
        row("binary", std::string("\x00\xff\xfe\x01", 4), "no kernel");
        row(
            "ten thousand fences",
            [] {
                std::string text;
                for (int i = 0; i < 10'000; ++i)
                    text += "```\n";
                return text;
            }(),
            "no kernel");
    }
    void refusesWhatHoldsNoCandidate()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, stop);
        QFETCH(QByteArray, says);
        const Result<ReadReply> read = readWholeReply(replyOf(text.toStdString(), stop.toStdString()));
        QVERIFY(!read);
        const std::string message = read.error().message();
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
    }

    void readsWholeCandidates_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("title");
        const auto row = [](const char *name, const std::string &text, const char *title = "") {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(title);
        };
        row("one block", fence(kSource));
        row("prose around it", "Here it is.\n\n" + fence(kSource, "opencl") + "\nIt should be **faster**.\n");
        row("title", "Title: twice as fast\n" + fence(kSource), "twice as fast");
        row("bold title", "**Title:** twice as fast  \n\nIdea: …\n" + fence(kSource), "twice as fast");
        row("heading as title", "## Title: `twice`\n" + fence(kSource), "twice");
        row("other language", fence(kSource, "python title=\"x.cl\""));
        row("no language", fence(kSource, ""));
        row("tildes", fence(kSource, "c", "~~~"));
        row("four marks", fence(kSource, "c", "````"));
        row("indented fence", "1. The kernel:\n   ```c\n" + kSource + "   ```\n");
        row("fence behind the code", "```c\n" + kSource.substr(0, kSource.size() - 1) + "```\n");
        row("CRLF", withCrLf("Title: twice\n" + fence(kSource)), "twice");
        row("byte order mark", "\xEF\xBB\xBF" + fence(kSource));
        row("two drafts", fence(kPlan + "__kernel void slow() {}\n") + "Better:\n" + fence(kSource));
        row("an example first", fence("float4 v = vload4(0, x);\n") + fence(kSource));
        row("plan and kernel apart", fence(kPlan) + "and\n" + fence(kBody));
        row("no fence", "Here:\n" + kSource + "That is all.");
        row("fence opened, never closed, then the end of code", fence(kSource) + "```\n");
        row("thoughts", "<think>\n```c\n__kernel void bad() {}\n```\n</think>\n" + fence(kSource));
        row("thoughts without a beginning", "so, tiles.</think>" + fence(kSource));
        row("backticks in prose", "`twice` and ``x`` are names.\n" + fence(kSource));
        row("shorter fence inside", fence(kPlan + "/*\n```\n*/\n" + kBody, "c", "````"));
    }
    void readsWholeCandidates()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, title);
        const Result<ReadReply> read = readWholeReply(replyOf(text.toStdString()));
        QVERIFY2(read, read ? "" : read.error().message().c_str());
        QCOMPARE(read->title, title.toStdString());
        std::string source = read->source;
        if (const size_t at = source.find("/*\n```\n*/\n"); at != std::string::npos)
            source.erase(at, 10);
        QCOMPARE(source, kSource);
    }

    void readsStructuredAnswers_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::newRow("bare") << QByteArray() << QByteArray();
        QTest::newRow("blanks") << QByteArray("\n ") << QByteArray("\n\n");
        QTest::newRow("fenced") << QByteArray("```json\n") << QByteArray("\n```\n");
        QTest::newRow("fenced with prose") << QByteArray("Sure!\n```\n") << QByteArray("\n```\nDone.");
    }
    void readsStructuredAnswers()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QByteArray source = QByteArray::fromStdString(withCrLf(kSource));
        source.replace("\r", "\\r").replace("\n", "\\n");
        const QByteArray whole = before + "{\"title\": \"twice\", \"source\": \"" + source + "\"}" + after;
        const Result<ReadReply> read = readWholeReply(replyOf(whole.toStdString()));
        QVERIFY2(read, read ? "" : read.error().message().c_str());
        QCOMPARE(read->source, kSource);
        QCOMPARE(read->title, std::string("twice"));

        const QByteArray edits =
            before + R"({"title": "t", "edits": [{"old": "2.0f * x", "new": "4.0f * x"}]})" + after;
        const Result<ReadReply> edited = readEditReply(replyOf(edits.toStdString()), kSource);
        QVERIFY2(edited, edited ? "" : edited.error().message().c_str());
        QVERIFY(edited->source.find("4.0f * x") != std::string::npos);
    }

    void refusesEditsThatDoNotFit_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const std::string &text, const char *says) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(says);
        };
        row("nothing", "", "no edit");
        row("a whole kernel", fence(kSource), "no edit");
        row("text that is not there", edit("float z;\n", "int z;\n"), "occurs nowhere");
        row("other blanks", edit("\ty[get_global_id(0)] = 2.0f * x[get_global_id(0)];\n", "x\n"), "nowhere");
        row("text that is there twice", edit("\n", "x\n"), "empty");
        row("ambiguous", "{\"title\": \"t\", \"edits\": [{\"old\": \"get_global_id\", \"new\": \"i\"}]}",
            "2 times");
        row("overlapping itself", R"({"title": "t", "edits": [{"old": "__", "new": "i"}]})", "times");
        row("empty old text", edit("", kNew), "empty");
        row("the second of two", edit(kOld, kNew) + edit("nowhere\n", "x\n"), "edit 2");
        row("no change", edit(kOld, kOld), "change nothing");
        row("no end mark", "<<<<<<< OLD\n" + kOld + "=======\n" + kNew, "ends within");
        row("no middle", "<<<<<<< OLD\n" + kOld + ">>>>>>> NEW\n", "do not follow");
        row("begun twice", "<<<<<<< OLD\n" + kOld + "<<<<<<< OLD\n", "do not follow");
        row("JSON without an old text", R"({"edits": [{"new": "x"}]})", "old");
    }
    void refusesEditsThatDoNotFit()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, says);
        const Result<ReadReply> read = readEditReply(replyOf(text.toStdString()), kSource);
        QVERIFY(!read);
        const std::string message = read.error().message();
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
    }

    void tellsACutOffEditByItsReason()
    {
        const Result<ReadReply> read =
            readEditReply(replyOf("<<<<<<< OLD\n" + kOld, "max_output_tokens"), kSource);
        QVERIFY(!read);
        QVERIFY(read.error().message().find("cut off") != std::string::npos);
    }

    void appliesEdits_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *name, const std::string &text) {
            QTest::newRow(name) << QByteArray::fromStdString(text);
        };
        row("one", edit(kOld, kNew));
        row("prose around it",
            "Title: add\n\nThe sum is cheaper.\n\n" + edit(kOld, kNew) + "\nThat is all.\n");
        row("fenced", fence(edit(kOld, kNew), "diff"));
        row("each fenced", fence(edit(kOld, "    y[0] = 0;\n")) + fence(edit("    y[0] = 0;\n", kNew)));
        row("other words", "<<<<<<< SEARCH\n" + kOld + "=======\n" + kNew + ">>>>>>> REPLACE\n");
        row("no words", "<<<<<<<\n" + kOld + "=======\n" + kNew + ">>>>>>>\n");
        row("shorter marks", "<<<<< OLD\n" + kOld + "=====\n" + kNew + ">>>>> NEW\n");
        row("CRLF", withCrLf(edit(kOld, kNew)));
        row("thoughts before", "<think>" + edit("x\n", "y\n") + "</think>\n" + edit(kOld, kNew));
    }
    void appliesEdits()
    {
        QFETCH(QByteArray, text);
        for (const std::string &parent :
             {kSource, withCrLf(kSource), kSource.substr(0, kSource.size() - 1)}) {
            const Result<ReadReply> read = readEditReply(replyOf(text.toStdString()), parent);
            QVERIFY2(read, read ? "" : read.error().message().c_str());
            QCOMPARE(read->source, kEdited);
        }
    }

    void anEditCanDeleteAndChangeThePlan()
    {
        const Result<ReadReply> read = readEditReply(
            replyOf(edit(kPlan, "//@ launch twice grid(2) block(32) args(x, y)\n") + edit(kOld, "")),
            kSource);
        QVERIFY2(read, read ? "" : read.error().message().c_str());
        QVERIFY(read->source.find("grid(2)") != std::string::npos);
        QVERIFY(read->source.find("2.0f") == std::string::npos);
    }

    void titlesAreShortAndWhole()
    {
        const std::string title = titleIn("Title: " + std::string(58, 'x') + "\xE2\x82\xAC and more\n");
        QCOMPARE(title, std::string(58, 'x')); // a character is not cut in two
    }

    void schemasAreJson()
    {
        QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(wholeReplySchema())).isObject());
        QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(editReplySchema())).isObject());
    }

    void anyCutOfAnAnswerEndsInAResult()
    {
        const std::string text = "Title: t\n<think>x</think>" + fence(kSource) + edit(kOld, kNew);
        for (size_t length = 0; length <= text.size(); ++length) {
            const ModelReply reply = replyOf(text.substr(0, length));
            const Result<ReadReply> whole = readWholeReply(reply), edited = readEditReply(reply, kSource);
            QVERIFY(whole ? !whole->source.empty() : !whole.error().message().empty());
            QVERIFY(edited ? edited->source == kEdited : !edited.error().message().empty());
        }
    }
};

QTEST_APPLESS_MAIN(TestReplyParser)
#include "tst_reply_parser.moc"
