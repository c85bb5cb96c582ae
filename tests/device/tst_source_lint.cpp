// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BuildLog.h"
#include "core/device/SourceLint.h"

#include <QTest>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

class TestSourceLint : public QObject {
    Q_OBJECT

private slots:
    void directivesThatReadFilesAreFound_data()
    {
        QTest::addColumn<std::string>("source");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        const auto row = [](const char *name, const std::string &source, int line, int column) {
            QTest::newRow(name) << source << line << column;
        };
        row("plain", "#include \"x\"\n", 1, 1);
        row("indented", "int a;\n  #  include <x>\n", 2, 3);
        row("macro", "#define F \"x\"\n#include F\n", 2, 1);
        row("spliced", "#inc\\\nlude \"x\"\n", 1, 1);
        row("spliced with blanks", "#inc\\  \nlude \"x\"\n", 1, 1);
        row("spliced with carriage return", "#inc\\\r\nlude \"x\"\n", 1, 1);
        row("spliced before the hash", "\\\n\\\n#include \"x\"\n", 3, 1);
        row("behind a comment", "/* a\n b */ # /* c */ include \"x\"\n", 2, 7);
        row("digraph", "%:include \"x\"\n", 1, 1);
        row("trigraph", "?\?=include \"x\"\n", 1, 1);
        row("trigraph splice", "#inc?\?/\nlude \"x\"\n", 1, 1);
        row("after a comment that only trigraphs would extend", "// a ?\?/\n#include \"x\"\n", 2, 1);
        row("after a comment that ends in a backslash", "// a \\\n b\n#include \"x\"\n", 3, 1);
        row("next", "#include_next <x>\n", 1, 1);
        row("import", "#import \"x\"\n", 1, 1);
        row("embed", "#embed \"x\"\n", 1, 1);
        row("assembly", "__asm__(\".incbin \\\"x\\\"\");\n", 1, 9);
        row("assembly include", "__asm__(\"nop\\n .include \\\"x\\\"\");\n", 1, 9);
        row("no newline at the end", "#include \"x\"", 1, 1);
        row("after an open string", "char *s = \"a\n#include \"x\"\n", 2, 1);
    }
    void directivesThatReadFilesAreFound()
    {
        QFETCH(std::string, source);
        QFETCH(int, line);
        QFETCH(int, column);
        const std::vector<Diagnostic> found = lintSource(source);
        QCOMPARE(found.size(), size_t {1});
        QCOMPARE(found.front().line, line);
        QCOMPARE(found.front().column, column);
        QVERIFY(found.front().message.find("one file") != std::string::npos);
    }

    void aSourceThatItsMacrosBlowUpIsRefused()
    {
        std::string source = "#define B0 x += 1;\n";
        for (int i = 1; i < 10; ++i) {
            source += "#define B" + std::to_string(i);
            for (int k = 0; k < 8; ++k)
                source += " B" + std::to_string(i - 1);
            source += "\n";
        }
        QVERIFY(lintSource(source).empty());
        QVERIFY(lintSource(source + "void f(int x) { B4 }\n").empty());
        const std::vector<Diagnostic> found = lintSource(source + "void f(int x) {\nB9 }\n");
        QCOMPARE(found.size(), size_t {1});
        QCOMPARE(found.front().line, 12);
        QVERIFY(found.front().message.find("macros") != std::string::npos);
    }
    void macrosThatNameEachOtherEnd()
    {
        std::string chain = "#define A B A\n#define B A B\n";
        for (int i = 0; i < 5000; ++i)
            chain += "#define C" + std::to_string(i) + " C" + std::to_string(i + 1) + "\n";
        QVERIFY(lintSource(chain + "A B\n").empty());
        QCOMPARE(lintSource(chain + "C0\n").size(), size_t {1});
    }
    void harmlessTextPasses_data()
    {
        QTest::addColumn<std::string>("source");
        QTest::newRow("empty") << std::string();
        QTest::newRow("in a comment") << std::string("// #include \"x\"\n/*\n#include \"x\"\n*/\n");
        QTest::newRow("in a string") << std::string("__constant char s[] = \"#include x\";\n");
        QTest::newRow("other directives")
            << std::string("#define include 1\n#pragma unroll\n#if 1\n#endif\n");
        QTest::newRow("not at the start of a line") << std::string("int a; # include\n");
        QTest::newRow("a word that only begins so") << std::string("#includes\n");
        QTest::newRow("ends in a backslash") << std::string("int a; \\");
        QTest::newRow("open comment") << std::string("/* #include \"x\"");
        QTest::newRow("open character") << std::string("'\\");
    }
    void harmlessTextPasses()
    {
        QFETCH(std::string, source);
        const std::vector<Diagnostic> found = lintSource(source);
        QVERIFY2(found.empty(), found.empty() ? "" : found.front().message.c_str());
    }

    void aMegabyteIsRead()
    {
        std::string source;
        while (source.size() < kMaxSourceBytes)
            source += "int a = '\"'; /* \\ */ // \"\n";
        QVERIFY(lintSource(source).empty());
    }

    void compilersMessagesAreLocated_data()
    {
        QTest::addColumn<std::string>("log");
        QTest::addColumn<int>("severity");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<std::string>("message");
        const auto row = [](const char *name, const std::string &log, Diagnostic::Severity severity, int line,
                            int column, const std::string &message) {
            QTest::newRow(name) << log << static_cast<int>(severity) << line << column << message;
        };
        using Severity = Diagnostic::Severity;
        row("PoCL", "error: /tmp/pocl/tempfile_a1.cl:8:5: use of undeclared identifier 'y'\n",
            Severity::Error, 8, 5, "use of undeclared identifier 'y'");
        row("PoCL warning", "warning: /tmp/x.cl:3:1: unused\n", Severity::Warning, 3, 1, "unused");
        row("clang", "<source>:12:7: error: expected ';'\n", Severity::Error, 12, 7, "expected ';'");
        row("clang fatal", "a.cl:1:10: fatal error: 'x' file not found\n", Severity::Error, 1, 10,
            "'x' file not found");
        row("clang note", "a.cl:1:10: note: here\n", Severity::Note, 1, 10, "here");
        row("no newline", "a.cl:1:10: note: here", Severity::Note, 1, 10, "here");
    }
    void compilersMessagesAreLocated()
    {
        QFETCH(std::string, log);
        QFETCH(int, severity);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(std::string, message);
        const BuildLog read = readBuildLog(log);
        QCOMPARE(read.diagnostics.size(), size_t {1});
        QCOMPARE(static_cast<int>(read.diagnostics.front().severity), severity);
        QCOMPARE(read.diagnostics.front().line, line);
        QCOMPARE(read.diagnostics.front().column, column);
        QCOMPARE(read.diagnostics.front().message, message);
        QVERIFY(read.text.find(".cl") == std::string::npos);
        QVERIFY(read.text.find(message) != std::string::npos);
    }
    void otherLinesStayAsTheyAre()
    {
        const std::string log =
            "ptxas info : 0 bytes gmem\nat 12:30 something: happened\n:::\nx:99999999999:1: error: y\n";
        const BuildLog read = readBuildLog(log);
        QVERIFY(read.diagnostics.empty());
        QCOMPARE(read.text, log);
    }
    void endlessLogsGiveAFewDiagnostics()
    {
        std::string log;
        for (int i = 0; i < 5000; ++i)
            log += "a.cl:1:1: error: again\n";
        QVERIFY(readBuildLog(log).diagnostics.size() <= 200);
    }
};

QTEST_APPLESS_MAIN(TestSourceLint)
#include "tst_source_lint.moc"
