// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Base64.h"
#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/base/Random.h"
#include "core/base/Result.h"
#include "core/base/Subprocess.h"
#include "core/base/Utf8.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

class TestBase : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void errorNamesPlaceReasonAndRemedy()
    {
        const Error error {ErrorCode::BadInput, "cannot load", "axis M is missing", "Add it",
                           "task.json:3:1"};
        QCOMPARE(error.message(), std::string("task.json:3:1: cannot load: axis M is missing. Add it"));
        QCOMPARE((Error {ErrorCode::Io, "cannot load", "", "", ""}).message(), std::string("cannot load"));
    }

    void base64MatchesPublishedVectors_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<std::string>("text");
        // RFC 4648, section 10.
        QTest::newRow("none") << std::string() << std::string();
        QTest::newRow("f") << std::string("f") << std::string("Zg==");
        QTest::newRow("fo") << std::string("fo") << std::string("Zm8=");
        QTest::newRow("foobar") << std::string("foobar") << std::string("Zm9vYmFy");
        QTest::newRow("zero bytes") << std::string(3, '\0') << std::string("AAAA");
        QTest::newRow("all letters") << std::string("\xfb\xff\xfe") << std::string("+//+");
    }
    void base64MatchesPublishedVectors()
    {
        QFETCH(std::string, bytes);
        QFETCH(std::string, text);
        QCOMPARE(toBase64(bytes), text);
        QCOMPARE(fromBase64(text).value_or("refused"), bytes);
    }

    void whatIsNoBase64IsRefused_data()
    {
        QTest::addColumn<std::string>("text");
        for (const char *text : {"A", "AA", "AAA", "AA=A", "A===", "====", "AAA\n", "AA-_", "AAAA=", "=AAA"})
            QTest::newRow(text) << std::string(text);
    }
    void whatIsNoBase64IsRefused()
    {
        QFETCH(std::string, text);
        QVERIFY(!fromBase64(text));
    }

    void sha256MatchesPublishedVectors()
    {
        // FIPS 180-4 examples.
        QCOMPARE(sha256Hex("abc"),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sha256Hex(""),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }

    void tokensDiffer()
    {
        std::set<std::string> tokens;
        for (int i = 0; i < 100; ++i)
            tokens.insert(randomToken());
        QCOMPARE(tokens.size(), size_t {100});
        QCOMPARE(tokens.begin()->size(), size_t {32});
    }

    void philoxMatchesPublishedVectors()
    {
        // Known answers of the Random123 distribution for philox4x32-10.
        const std::array<uint32_t, 4> zero {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        QVERIFY(philox4x32({0, 0, 0, 0}, {0, 0}) == zero);
        const uint32_t all = 0xffffffff;
        const std::array<uint32_t, 4> ones {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        QVERIFY(philox4x32({all, all, all, all}, {all, all}) == ones);
    }

    void streamsAreReproducibleAndIndependent()
    {
        RandomStream first(7, 3), again(7, 3), other(7, 4);
        bool differs = false;
        for (int i = 0; i < 100; ++i) {
            const uint32_t value = first.next();
            QCOMPARE(again.next(), value);
            differs = differs || other.next() != value;
        }
        QVERIFY(differs);
    }

    void drawsStayInRange()
    {
        RandomStream stream(1, 1);
        std::array<int, 7> counts {};
        for (int i = 0; i < 7000; ++i) {
            const double real = stream.uniform();
            QVERIFY(real >= 0 && real < 1);
            ++counts[stream.below(7)];
        }
        for (const int count : counts)
            QVERIFY2(count > 850 && count < 1150, qPrintable(QString::number(count)));
    }

    void utf8_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("valid");
        QTest::newRow("ascii") << QByteArray("abc") << true;
        QTest::newRow("two bytes") << QByteArray("\xC2\xB5s") << true;
        QTest::newRow("four bytes") << QByteArray("\xF0\x9F\x98\x80") << true;
        QTest::newRow("lone continuation") << QByteArray("a\x80") << false;
        QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << false;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
        QTest::newRow("above U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << false;
        QTest::newRow("cut short") << QByteArray("\xE2\x82") << false;
    }
    void utf8()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, valid);
        QCOMPARE(isUtf8(bytes.toStdString()), valid);
        QVERIFY(isUtf8(toValidUtf8(bytes.toStdString())));
    }

    void aTerminalGetsNothingThatActs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &shown) {
            QTest::newRow(name) << bytes << shown;
        };
        row("plain lines", "a\tb\n\xC2\xB5s \xE2\x98\x85", "a\tb\n\xC2\xB5s \xE2\x98\x85");
        row("clears the screen", "x\x1B[2J", "x\xE2\x90\x9B[2J");
        row("overwrites its line", "good\rbad",
            "good\xE2\x90\x8D"
            "bad");
        row("rings and sets the title", "\x1B]0;t\x07", "\xE2\x90\x9B]0;t\xE2\x90\x87");
        row("deletes", "a\x7F", "a\xE2\x90\xA1");
        row("NUL", QByteArray("a\0b", 3),
            "a\xE2\x90\x80"
            "b");
        row("eight-bit control",
            "\xC2\x9B"
            "31m",
            "\xEF\xBF\xBD"
            "31m");
        row("no UTF-8",
            "\x9B"
            "31m",
            "\xEF\xBF\xBD"
            "31m");
        row("writes from the right",
            "a\xE2\x80\xAE"
            "b\xE2\x81\xA6",
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
    }
    void aTerminalGetsNothingThatActs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(forTerminal(bytes.toStdString())), shown);
    }

    void clippedTextSaysHowMuchIsMissing()
    {
        QCOMPARE(clipped("short", 10), std::string("short"));
        const std::string cut = clipped("aaaa\xC2\xB5zz", 5);
        QVERIFY(isUtf8(cut));
        QCOMPARE(cut, std::string("aaaa\n[4 more bytes left out]"));
    }

    void readingRefusesWhatIsNoFile()
    {
        QTemporaryDir folder;
        const std::string root = folder.path().toStdString();
        QVERIFY(readTextFile(root).error().message().find("not a regular file") != std::string::npos);
        QCOMPARE(readTextFile(root + "/none").error().code, ErrorCode::NotFound);
        const std::string pipe = root + "/pipe";
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        QVERIFY(!readTextFile(pipe));
        const std::string large = root + "/large";
        QVERIFY(writeFileAtomically(large, std::string(100, 'x')));
        QVERIFY(readTextFile(large, 99).error().message().find("limit of 99") != std::string::npos);
        QCOMPARE(*readTextFile(large, 100), std::string(100, 'x'));
        QVERIFY(!readTextFile("/dev/zero", 1000));
    }

    void writingReplacesWhole()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("a")).toStdString();
        QVERIFY(writeFileAtomically(path, "one"));
        QVERIFY(writeFileAtomically(path, "two"));
        QCOMPARE(*readTextFile(path), std::string("two"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
        QVERIFY(!writeFileAtomically(folder.filePath(QStringLiteral("no/a")).toStdString(), "x"));
    }

    void linesComeWholeAndLimited()
    {
        LineBuffer lines(8);
        QVERIFY(lines.add("ab"));
        QVERIFY(!lines.next());
        QVERIFY(lines.add("c\nd\n"));
        QCOMPARE(*lines.next(), std::string("abc"));
        QCOMPARE(*lines.next(), std::string("d"));
        QVERIFY(!lines.next());
        QVERIFY(!lines.add("123456789"));
    }

    void missingProgramIsNamed()
    {
        SpawnOptions options;
        options.command = {"/nonexistent/program"};
        const auto child = Subprocess::spawn(options);
        QCOMPARE(child.error().code, ErrorCode::NotFound);
        QVERIFY(child.error().message().find("/nonexistent/program") != std::string::npos);
    }

    void childGetsInputEnvironmentAndEnds()
    {
        SpawnOptions options;
        options.command = {"/bin/sh", "-c", "read line; echo \"$line $GREETING\"; exit 7"};
        options.environment = std::vector<std::string> {"GREETING=hello"};
        auto child = Subprocess::spawn(options);
        QVERIFY(child);
        QVERIFY(writeAll(child->stdinFd(), "word\n"));
        QCOMPARE(child->wait(5).value_or(-1), 7);
        char buffer[64];
        const ssize_t count = ::read(child->stdoutFd(), buffer, sizeof buffer);
        QCOMPARE(std::string(buffer, static_cast<size_t>(count)), std::string("word hello\n"));
        QVERIFY(!writeAll(child->stdinFd(), "nobody reads this"));
    }

    void aChildGetsTheDescriptorsItIsMeantToGetAndNoOthers()
    {
        int first[2], second[2];
        QCOMPARE(::pipe(first), 0); // neither closes on exec
        QCOMPARE(::pipe(second), 0);
        // Each end in the place where the other, or the pipe that reports a failed start, may well be.
        const int high = ::dup(second[1]);
        SpawnOptions options;
        options.command = {"/bin/sh", "-c", "echo one >&3; echo two >&4; ls /proc/self/fd | wc -l"};
        options.fds = {{first[1], 3}, {high, 4}};
        auto child = Subprocess::spawn(options);
        QVERIFY(child);
        QCOMPARE(child->wait(5).value_or(-1), 0);
        const auto said = [](int fd) {
            char buffer[64];
            const ssize_t count = ::read(fd, buffer, sizeof buffer);
            return std::string(buffer, static_cast<size_t>(std::max<ssize_t>(count, 0)));
        };
        QCOMPARE(said(first[0]), std::string("one\n"));
        QCOMPARE(said(second[0]), std::string("two\n"));
        QCOMPARE(std::stoi(said(child->stdoutFd())), 6); // with the one that ls looks through
        for (const int fd : {first[0], first[1], second[0], second[1], high})
            ::close(fd);
    }

    void aChildThatTheSystemReapsIsNotWaitedFor()
    {
        const auto before = std::signal(SIGCHLD, SIG_IGN); // as some programs leave it to those they start
        SpawnOptions options;
        options.command = {"/bin/true"};
        auto child = Subprocess::spawn(options);
        const bool ended = child && child->wait(30).has_value();
        std::signal(SIGCHLD, before);
        QVERIFY(ended);
    }

    void killReachesGrandchildren()
    {
        SpawnOptions options;
        options.command = {"/bin/sh", "-c", "sleep 60 & echo $!; wait"};
        auto child = Subprocess::spawn(options);
        QVERIFY(child);
        char buffer[32];
        const ssize_t count = ::read(child->stdoutFd(), buffer, sizeof buffer);
        const pid_t grandchild =
            static_cast<pid_t>(std::stol(std::string(buffer, static_cast<size_t>(count))));
        child->kill();
        QCOMPARE(child->wait(5).value_or(-1), 128 + SIGKILL);
        // The orphan is reaped by init, or stays a zombie where nobody reaps; it must not run on.
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                QFile stat(QStringLiteral("/proc/%1/stat").arg(grandchild));
                return !stat.open(QIODevice::ReadOnly) || stat.readAll().contains(") Z ");
            }(),
            5000);
    }
};

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"
