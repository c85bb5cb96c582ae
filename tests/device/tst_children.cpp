// SPDX-License-Identifier: GPL-3.0-or-later
// Children as the supervisor has them, without the lint and the stages in front: what reaches the compiler
// and the runner here is what a candidate that fooled the lint would send. This program is its own child.
#include "core/base/Paths.h"
#include "core/device/ChildEnvironment.h"
#include "core/device/ChildMain.h"
#include "core/device/ChildProcess.h"
#include "core/device/DeviceList.h"
#include "core/device/ProcessFamily.h"
#include "core/device/SharedMemory.h"
#include "core/device/opencl/ClBackend.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <map>

#include <unistd.h>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

namespace {

const char *kSecret = "forty-two is the secret of this house";

/// One sandbox level with what is tested in it.
struct Level {
    Sandbox sandbox;
    ChosenDevice device;
    std::unique_ptr<ChildProcess> compiler;
};

BuildRequest buildRequest(const std::string &source)
{
    BuildRequest request;
    request.source = source + "\n__kernel void k(__global float *y) { y[get_global_id(0)] = 1; }\n";
    request.kernels = {{"k", 1, 1, 64, 0}};
    return request;
}

} // namespace

class TestChildren : public QObject {
    Q_OBJECT

    Cancellation m_never;
    std::map<std::string, Level> m_levels;
    QTemporaryDir m_home {QDir::homePath() + QStringLiteral("/.ww-children-XXXXXX")};

    std::string secretPath() const { return m_home.filePath(QStringLiteral("secret")).toStdString(); }

    /// The compiler of that level, started again where a test has ended it.
    ChildProcess &compiler(const std::string &name)
    {
        Level &level = m_levels.at(name);
        if (!level.compiler || !level.compiler->alive()) {
            auto started =
                ChildProcess::start(level.sandbox, ChildRole::Compiler, level.device.address, false);
            if (!started)
                qFatal("%s", started.error().message().c_str());
            level.compiler = std::move(*started);
            const Status warm = level.compiler->waitWarm(60, m_never);
            if (!warm)
                qFatal("%s", warm.error().message().c_str());
        }
        return *level.compiler;
    }

    void rowsForLevels(const std::map<std::string, std::string> &sources)
    {
        QTest::addColumn<std::string>("level");
        QTest::addColumn<std::string>("source");
        for (const auto &[level, unused] : m_levels) {
            for (const auto &[name, source] : sources)
                QTest::newRow((level + ": " + name).c_str()) << level << source;
        }
    }

private slots:
    void secretsAreTold_data()
    {
        QTest::addColumn<std::string>("variable");
        QTest::addColumn<bool>("secret");
        for (const char *variable :
             {"OPENAI_API_KEY=x", "ANTHROPIC_AUTH_TOKEN=x", "MY_APIKEY=x", "db_password=x", "GITHUB_PAT=x",
              "SSH_AUTH_SOCK=/tmp/a", "AWS_SECRET_ACCESS_KEY=x", "DBUS_SESSION_BUS_ADDRESS=unix:path=/x",
              "PLAIN=sk-abc", "https_proxy=http://me:word@proxy:3128", "GOOGLE_APPLICATION_CREDENTIALS=/x"})
            QTest::newRow(variable) << std::string(variable) << true;
        for (const char *variable :
             {"PATH=/bin", "HOME=/root", "PWD=/work", "LD_PRELOAD=libsanitizer-collection.so",
              "NV_TPS_LAUNCH_TOKEN=1", "CUDA_INJECTION64_PATH=/x", "XKB_DEFAULT_KEYBOARD=us", "LANG=C",
              "http_proxy=http://proxy:3128/a@b", "EMPTY=", "NONAME"})
            QTest::newRow(variable) << std::string(variable) << false;
    }
    void secretsAreTold()
    {
        QFETCH(std::string, variable);
        QFETCH(bool, secret);
        QCOMPARE(looksSecret(variable), secret);
    }

    void aChildWithoutWallsGetsTheEnvironmentWithoutItsKeys()
    {
        qputenv("WW_TEST_API_KEY", "the key to the house");
        qputenv("CUDA_INJECTION64_PATH", "/of/a/tool");
        const auto child = Sandbox::probe(SandboxChoice::None)
                               .start(ChildRole::Compiler, m_levels.begin()->second.device.address, false);
        qunsetenv("WW_TEST_API_KEY");
        qunsetenv("CUDA_INJECTION64_PATH");
        QVERIFY2(child, child ? "" : child.error().message().c_str());
        const QString path = QStringLiteral("/proc/%1/environ").arg(child->process.pid());
        QByteArray seen; // empty for a moment while it becomes the program that it runs
        const auto look = [&] {
            QFile environment(path);
            seen = environment.open(QIODevice::ReadOnly) ? environment.readAll() : QByteArray();
            return !seen.isEmpty();
        };
        QTRY_VERIFY(look());
        QVERIFY(seen.contains("CUDA_INJECTION64_PATH=/of/a/tool"));
        QVERIFY(seen.contains("TMPDIR=")); // its own settings are there
        QVERIFY(!seen.contains("the key to the house"));
    }

    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN);
        QVERIFY(m_home.isValid());
        QFile secret(QString::fromStdString(secretPath()));
        QVERIFY(secret.open(QIODevice::WriteOnly));
        secret.write(kSecret);
        secret.close();
        for (const auto &[name, choice] :
             {std::pair("bwrap", SandboxChoice::Bwrap), {"landlock", SandboxChoice::Landlock}}) {
            Sandbox sandbox = Sandbox::probe(choice);
            if (!sandbox.confines()) {
                qWarning("sandbox level %s does not work here: %s", name, sandbox.note().c_str());
                continue;
            }
            const auto devices = listDevices(sandbox, 60);
            if (!devices)
                QSKIP(devices.error().message().c_str());
            // Only on a processor does kernel code run on the host.
            for (size_t i = 0; i < devices->size(); ++i) {
                if ((*devices)[i].deviceKind == "cpu")
                    m_levels.emplace(name,
                                     Level {sandbox, *chooseDevice(*devices, (*devices)[i].spec), nullptr});
            }
        }
        if (m_levels.empty())
            QSKIP("no sandbox with a CPU device works here");
    }

    void filesStayOutOfReachOfTheCompiler_data()
    {
        const std::string secret = secretPath();
        std::map<std::string, std::string> sources;
        for (const std::string &path : {std::string("/etc/passwd"), secret}) {
            sources["include " + path] = "#include \"" + path + "\"";
            sources["include by macro " + path] = "#define F \"" + path + "\"\n#include F";
            sources["incbin " + path] = "__asm__(\".incbin \\\"" + path + "\\\"\");";
        }
        rowsForLevels(sources);
    }
    void filesStayOutOfReachOfTheCompiler()
    {
        QFETCH(std::string, level);
        QFETCH(std::string, source);
        ChildProcess &child = compiler(level);
        const auto reply = child.call(buildRequest(source), {}, {}, m_never);
        const std::string told = reply ? std::get<BuildReply>(*reply).log : reply.error().detail;
        QVERIFY2(told.find("root:") == std::string::npos, told.c_str());
        QVERIFY2(told.find("forty-two") == std::string::npos, told.c_str());
        if (source.starts_with('#'))
            QVERIFY2(reply && std::get<BuildReply>(*reply).problem == Problem::Source, told.c_str());
        const auto next = compiler(level).call(buildRequest(""), {}, {}, m_never);
        QVERIFY(next && std::get<BuildReply>(*next).problem == Problem::None);
        QVERIFY(!std::get<BuildReply>(*next).binaryHash.empty());
    }

    void compilerBombsAreStopped_data()
    {
        std::string doubling = "#define A0 1+\n";
        for (int i = 1; i <= 40; ++i)
            doubling += "#define A" + std::to_string(i) + " A" + std::to_string(i - 1) + " A"
                + std::to_string(i - 1) + "\n";
        rowsForLevels({{"macros that double", doubling + "__constant int x = A40 1;"},
                       {"a huge array", "__constant int x[1 << 28] = {1};"}});
    }
    void compilerBombsAreStopped()
    {
        QFETCH(std::string, level);
        QFETCH(std::string, source);
        CallLimits limits;
        limits.compileSeconds = 2;
        limits.residentBytes = uint64_t {1} << 30;
        ChildProcess &child = compiler(level);
        const auto start = std::chrono::steady_clock::now();
        const auto reply = child.call(buildRequest(source), {}, limits, m_never);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        QVERIFY(seconds < 4);
        if (!reply) {
            QVERIFY(!child.alive());
            QVERIFY(!reply.error().detail.empty());
        }
        const auto next = compiler(level).call(buildRequest(""), {}, {}, m_never);
        QVERIFY(next && std::get<BuildReply>(*next).problem == Problem::None);
    }

    void endlessLogsAreCut()
    {
        std::string source;
        for (int i = 0; i < 20000; ++i)
            source += "#warning this is said again and again and again and again\n";
        const auto reply = compiler(m_levels.begin()->first).call(buildRequest(source), {}, {}, m_never);
        QVERIFY(reply.has_value());
        QVERIFY(std::get<BuildReply>(*reply).log.size() <= kMaxLogBytes + 100);
    }

    void plansThatDoNotFitAreLocated()
    {
        BuildRequest request = buildRequest("");
        request.kernels = {{"other", 7, 1, 64, 0}};
        auto reply = compiler(m_levels.begin()->first).call(request, {}, {}, m_never);
        QVERIFY(reply.has_value());
        QVERIFY(std::get<BuildReply>(*reply).problem == Problem::Plan);
        QCOMPARE(std::get<BuildReply>(*reply).line, 7);
        QVERIFY(std::get<BuildReply>(*reply).message.find("k") != std::string::npos);
        request.kernels = {{"k", 8, 3, 64, 0}};
        reply = compiler(m_levels.begin()->first).call(request, {}, {}, m_never);
        QVERIFY(reply && std::get<BuildReply>(*reply).problem == Problem::Plan);
        request.kernels = {{"k", 9, 0, 64, 16}};
        reply = compiler(m_levels.begin()->first).call(request, {}, {}, m_never);
        QVERIFY2(reply && std::get<BuildReply>(*reply).problem == Problem::None,
                 "shared memory is an argument");
    }

    void compilersRunNothing()
    {
        const auto reply = compiler(m_levels.begin()->first).call(LaunchRequest {}, {}, {}, m_never);
        QVERIFY(reply && std::get<RunReply>(*reply).problem == Problem::Device);
    }

    void cancellingEndsACallAtOnce()
    {
        Cancellation cancellation;
        cancellation.request();
        ChildProcess &child = compiler(m_levels.begin()->first);
        const auto reply = child.call(buildRequest(""), {}, {}, cancellation);
        QVERIFY(!reply && reply.error().kind == CallFailure::Kind::Cancelled);
        QVERIFY(!child.alive());
    }

    void goldenKernelsComputeRight()
    {
        const auto &[name, level] = *m_levels.begin();
        auto child = ChildProcess::start(level.sandbox, ChildRole::Runner, level.device.address, false);
        QVERIFY(child && (*child)->waitWarm(60, m_never));
        const auto reply = (*child)->call(GoldenRequest {}, {}, {}, m_never);
        QVERIFY(reply.has_value());
        const auto &figures = std::get<RunReply>(*reply).figures;
        QVERIFY(figures.at("read_us") > 0 && figures.at("fma_us") > 0);
        QCOMPARE(figures.at("wrong"), 0.0);
        const auto nothing = (*child)->call(ReadRequest {}, {}, {}, m_never);
        QVERIFY2(nothing && std::get<RunReply>(*nothing).problem == Problem::Device, "nothing is bound");
    }
    void childrenDieWithTheirOwner()
    {
        const int before = familyOf(::getpid()).processes;
        for (auto &[name, level] : m_levels) {
            auto child = ChildProcess::start(level.sandbox, ChildRole::Runner, level.device.address, false);
            QVERIFY(child && (*child)->waitWarm(60, m_never));
            QVERIFY(familyOf(::getpid()).processes > before);
            child->reset();
            QTRY_COMPARE(familyOf(::getpid()).processes, before);
        }
    }

    void childrenOfRootAreNotRoot()
    {
        if (::geteuid() != 0)
            QSKIP("this test does not run as root");
        const auto &[name, level] = *m_levels.begin();
        auto child = ChildProcess::start(level.sandbox, ChildRole::Compiler, level.device.address, false);
        QVERIFY(child && (*child)->waitWarm(60, m_never));
        QVERIFY(tasksOfUser(65533) > 0);
    }
};

int main(int argc, char **argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments.front() == "--child")
        return childMain(openClDriver(), arguments);
    if (!arguments.empty() && arguments.front() == "--drop-privileges")
        return dropPrivilegesMain({arguments.begin() + 1, arguments.end()});
    QCoreApplication application(argc, argv);
    TestChildren test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_children.moc"
