// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BufferLayout.h"
#include "core/device/Channel.h"
#include "core/device/ChildMessagesJson.h"
#include "core/device/ChildOptions.h"
#include "core/device/SharedMemory.h"
#include "core/judge/RedZone.h"

#include <QTest>

#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace ww;

Q_DECLARE_METATYPE(std::string)

namespace {

/// A channel whose other end the test holds as a bare socket.
struct Line {
    Channel channel;
    OwnedFd other;
};

Line makeLine()
{
    auto ends = Channel::makePair();
    if (!ends)
        qFatal("no socket pair");
    return {std::move(ends->first), std::move(ends->second)};
}

std::string header(uint32_t bytes, uint32_t fds)
{
    std::string text(8, '\0');
    std::memcpy(text.data(), &bytes, 4);
    std::memcpy(text.data() + 4, &fds, 4);
    return text;
}

void put(const OwnedFd &socket, const std::string &bytes)
{
    QCOMPARE(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
             static_cast<ssize_t>(bytes.size()));
}

BindRequest bindRequest()
{
    BindRequest request;
    request.buffers = {{"x", BufferSpec::Role::Input, Seat::Candidate, 40, false, 3, 512, ~uint64_t {1}, 9},
                       {"t", BufferSpec::Role::Scratch, Seat::Baseline, 8, true, 0, 0, 0, 0}};
    request.scalars = {{"scale", DType::Float16, 0.5}};
    request.redZoneKey = ~uint64_t {0};
    ResolvedPlan plan;
    ResolvedLaunch launch;
    launch.kernel = "k";
    launch.grid = {3, 2, 1};
    launch.block = {64, 1, 1};
    launch.sharedBytes = 128;
    launch.line = 4;
    launch.args = {{ResolvedLaunch::Arg::Kind::Buffer, "x", 0},
                   {ResolvedLaunch::Arg::Kind::Scalar, "scale", 0},
                   {ResolvedLaunch::Arg::Kind::Integer, "", -7}};
    plan.launches.push_back(launch);
    request.candidate = plan;
    return request;
}

} // namespace

class TestChildMessages : public QObject {
    Q_OBJECT

private slots:
    void requestsSurviveTheWire()
    {
        const Result<ToChild> parsed = parseToChild(toFrameText(ToChild(bindRequest())));
        QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().message().c_str());
        const auto &bind = std::get<BindRequest>(*parsed);
        QCOMPARE(bind.buffers.size(), size_t {2});
        QCOMPARE(bind.buffers[1].name, std::string("t"));
        QVERIFY(bind.buffers[1].role == BufferSpec::Role::Scratch && bind.buffers[1].seat == Seat::Baseline);
        QVERIFY(bind.buffers[1].zeroed);
        QCOMPARE(bind.redZoneKey, ~uint64_t {0});
        QVERIFY(bind.scalars.front().dtype == DType::Float16);
        QVERIFY(bind.candidate && !bind.baseline);
        const ResolvedLaunch &launch = bind.candidate->launches.front();
        QCOMPARE(launch.grid[1], uint64_t {2});
        QCOMPARE(launch.sharedBytes, uint64_t {128});
        QCOMPARE(launch.args[2].integer, int64_t {-7});
        QVERIFY(launch.args[1].kind == ResolvedLaunch::Arg::Kind::Scalar);

        QVERIFY(bind.buffers.front().set == 3 && bind.buffers.front().shift == 512);
        QVERIFY(bind.buffers.front().digest == ~uint64_t {1} && bind.buffers.front().digestKey == 9);

        const TimeRequest order {{{Seat::Candidate, 1}, {Seat::Baseline, 7}}, 5, 0xa5, 1};
        const auto time = parseToChild(toFrameText(ToChild(order)));
        QVERIFY(time && std::get<TimeRequest>(*time).order.back().seat == Seat::Baseline);
        QCOMPARE(std::get<TimeRequest>(*time).order.back().set, uint32_t {7});
        QCOMPARE(std::get<TimeRequest>(*time).poison, uint8_t {0xa5});
        QCOMPARE(std::get<TimeRequest>(*time).slot, std::optional<uint32_t>(1));
        const auto forgotten = parseToChild(toFrameText(ToChild(TimeRequest {{}, 0, 0, std::nullopt})));
        QVERIFY(forgotten && !std::get<TimeRequest>(*forgotten).slot);
        const auto launched =
            parseToChild(toFrameText(ToChild(LaunchRequest {{Seat::Baseline, 2}, 0x5a, 1})));
        QVERIFY(launched && std::get<LaunchRequest>(*launched).poison == 0x5a);
        QCOMPARE(std::get<LaunchRequest>(*launched).run.set, uint32_t {2});
        BuildRequest build;
        build.freshModule = build.code = true;
        build.binary = std::string("\x7f\0\xff", 3);
        const auto built = parseToChild(toFrameText(ToChild(build)));
        QVERIFY(built && std::get<BuildRequest>(*built).freshModule && std::get<BuildRequest>(*built).code);
        QCOMPARE(std::get<BuildRequest>(*built).binary, build.binary);
        const ObserveRequest observe {ObserveRequest::By::Trace, {Seat::Baseline, 3}, 12, 77, 0x11};
        const auto observed = parseToChild(toFrameText(ToChild(observe)));
        QVERIFY(observed.has_value());
        const auto &again = std::get<ObserveRequest>(*observed);
        QVERIFY(again.by == ObserveRequest::By::Trace && again.run.seat == Seat::Baseline && again.run.set == 3);
        QVERIFY(again.count == 12 && again.flushBytes == 77 && again.poison == 0x11);
        QVERIFY(std::holds_alternative<PeaksRequest>(*parseToChild(toFrameText(ToChild(PeaksRequest {})))));
        QVERIFY(std::holds_alternative<ReadRequest>(*parseToChild(toFrameText(ToChild(ReadRequest {})))));
        QVERIFY(std::holds_alternative<GoldenRequest>(*parseToChild(toFrameText(ToChild(GoldenRequest {})))));
    }
    void repliesSurviveTheWire()
    {
        BuildReply build;
        build.problem = Problem::Plan;
        build.message = "not UTF-8: \xff";
        build.line = 3;
        build.resources = {{"k.local_mem_bytes", "12"}};
        build.binary = std::string(5, '\0');
        build.code = CodeRecord {{{"ret;", 3, 0}}, {{"/*0000*/ EXIT", 3, 1}}, {}, {{"EXIT", 1}}, {"one"}};
        const auto parsed = parseFromChild(toFrameText(FromChild(build)));
        QVERIFY(parsed.has_value());
        QVERIFY(std::get<BuildReply>(*parsed).problem == Problem::Plan);
        QCOMPARE(std::get<BuildReply>(*parsed).resources, build.resources);
        QCOMPARE(std::get<BuildReply>(*parsed).binary, build.binary);
        const std::optional<CodeRecord> &code = std::get<BuildReply>(*parsed).code;
        QVERIFY(code && code->ptx[0].sourceLine == 3 && code->sass[0].ptxLine == 1);
        QVERIFY(code->opcodes.at("EXIT") == 1 && code->findings.front() == "one");
        RunReply run;
        run.us = {1.5f, 0.0f};
        run.mhz = {1980.0f, 1755.0f};
        run.figures = {{"copy_gbps", 12.5}};
        run.digests = {~uint64_t {0}, 0};
        const auto again = parseFromChild(toFrameText(FromChild(run)));
        QVERIFY(again && std::get<RunReply>(*again).us == run.us && std::get<RunReply>(*again).mhz == run.mhz
                && std::get<RunReply>(*again).figures == run.figures);
        QCOMPARE(std::get<RunReply>(*again).digests, run.digests);
        ReadyReply ready;
        ready.device.device = "some device";
        const auto hello = parseFromChild(toFrameText(FromChild(ready)));
        QVERIFY(hello && std::get<ReadyReply>(*hello).device.device == "some device");
        QVERIFY(std::get<PhaseReply>(*parseFromChild(toFrameText(FromChild(PhaseReply {true})))).running);
    }
    void hostileRepliesAreErrors_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::newRow("empty") << std::string();
        QTest::newRow("no JSON") << std::string("hello");
        QTest::newRow("not UTF-8") << std::string("{\"type\":\"\xff\"}");
        QTest::newRow("no type") << std::string("{}");
        QTest::newRow("unknown type") << std::string(R"({"type":"own"})");
        QTest::newRow("list") << std::string("[1]");
        QTest::newRow("wrong field") << std::string(R"({"type":"phase","running":1})");
        QTest::newRow("times that are text") << std::string(
            R"({"type":"run","problem":"none","message":"","us":["1"],"mhz":[],"figures":{}})");
        QTest::newRow("unknown problem") << std::string(
            R"({"type":"run","problem":"none at all","message":"","us":[],"mhz":[],"figures":{}})");
        QTest::newRow("an order that is none")
            << std::string(R"({"type":"time","order":[[0]],"flush_bytes":0,"poison":1})");
        QTest::newRow("a seat that is none")
            << std::string(R"({"type":"time","order":[[2,0]],"flush_bytes":0,"poison":1})");
        QTest::newRow("a poison that is no byte")
            << std::string(R"({"type":"launch","seat":"candidate","set":0,"poison":256,"slot":0})");
        QTest::newRow("a slot that is none")
            << std::string(R"({"type":"launch","seat":"candidate","set":0,"poison":1,"slot":2})");
        QTest::newRow("a slot of samples that is none")
            << std::string(R"({"type":"time","order":[],"flush_bytes":0,"poison":1,"slot":2})");
        QTest::newRow("deep") << std::string(5000, '[');
    }
    void hostileRepliesAreErrors()
    {
        QFETCH(std::string, text);
        QVERIFY(!parseFromChild(text));
        QVERIFY(!parseToChild(text));
    }

    void framesCarryTextAndDescriptors()
    {
        Line line = makeLine();
        Channel other(std::move(line.other));
        auto memory = SharedMemory::create(100);
        QVERIFY(memory.has_value());
        memory->bytes()[7] = std::byte {42};
        const int fds[] {memory->fd(), memory->fd()};
        QVERIFY(line.channel.send("one", fds));
        QVERIFY(line.channel.send(std::string(200000, 'x'), {}));
        Result<Frame> first = other.receive();
        QVERIFY(first && first->text == "one" && first->fds.size() == 2);
        auto opened = SharedMemory::open(std::move(first->fds[1]), 100, false);
        QVERIFY(opened && opened->bytes()[7] == std::byte {42});
        Result<Frame> second = other.receive();
        QVERIFY(second && second->text.size() == 200000 && second->fds.empty());
    }
    void piecesMakeAFrame()
    {
        Line line = makeLine();
        const std::string bytes = header(5, 0) + "hello" + header(2, 0) + "no";
        for (const char c : bytes) {
            put(line.other, std::string(1, c));
            QVERIFY(line.channel.fill().has_value());
        }
        QCOMPARE(line.channel.next()->text, std::string("hello"));
        QCOMPARE(line.channel.next()->text, std::string("no"));
        QVERIFY(!line.channel.next());
    }
    void brokenFramesEndTheChannel_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::newRow("endless") << header(~0u, 0);
        QTest::newRow("too many descriptors") << header(1, 1000) + "x";
        QTest::newRow("text without a header") << std::string("{\"type\":\"run\"}");
    }
    void brokenFramesEndTheChannel()
    {
        QFETCH(std::string, bytes);
        Line line = makeLine();
        put(line.other, bytes);
        QVERIFY(!line.channel.fill().has_value());
    }
    void theEndIsAFailure()
    {
        Line line = makeLine();
        put(line.other, header(2, 0) + "ok" + header(9, 0) + "cut");
        line.other.reset();
        QCOMPARE(line.channel.receive()->text, std::string("ok"));
        QVERIFY(!line.channel.receive().has_value());
        QVERIFY(!line.channel.send("anyone?", {}, 0.1));
    }
    void aDeafReceiverIsGivenUp()
    {
        Line line = makeLine();
        QVERIFY(!line.channel.send(std::string(Channel::kMaxFrameBytes, 'x'), {}, 0.05));
        QVERIFY(!line.channel.send(std::string(Channel::kMaxFrameBytes + 1, 'x'), {}, 0.05));
    }

    void frozenMemoryCannotBeWritten()
    {
        auto memory = SharedMemory::create(4096);
        QVERIFY(memory.has_value());
        QVERIFY(memory->freeze().has_value());
        const OwnedFd copy(::dup(memory->fd()));
        QVERIFY(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, copy.get(), 0) == MAP_FAILED);
        QVERIFY(::write(copy.get(), "x", 1) < 0);
        QVERIFY(::ftruncate(copy.get(), 0) != 0);
        QVERIFY(!SharedMemory::open(OwnedFd(::dup(copy.get())), 4097, false));
    }
    void emptyTensorsHaveMemoryToo()
    {
        auto memory = SharedMemory::create(0);
        QVERIFY(memory && memory->bytes().empty());
        QVERIFY(memory->freeze().has_value());
        QVERIFY(SharedMemory::open(OwnedFd(::dup(memory->fd())), 0, false).has_value());
    }

    void layoutsDoNotOverlap()
    {
        const std::vector<BufferSpec> buffers {
            {"a", BufferSpec::Role::Output, Seat::Candidate, 13, false, 0, 0, 0, 0},
            {"b", BufferSpec::Role::Scratch, Seat::Candidate, 1u << 30, false, 0, 0, 0, 0},
            {"c", BufferSpec::Role::Output, Seat::Candidate, 0, false, 0, 0, 0, 0},
            {"d", BufferSpec::Role::Input, Seat::Candidate, 1u << 30, false, 0, 0, 0, 0}};
        const BufferLayout layout = layoutOf(buffers);
        size_t end = 0;
        for (size_t i = 0; i < buffers.size(); ++i) {
            const BufferPlace &place = layout.places[i];
            QVERIFY(place.head >= end);
            QCOMPARE(place.data, place.head + kRedZoneBytes);
            QCOMPARE(place.tail, place.data + place.dataBytes);
            end = place.tail + kRedZoneBytes;
        }
        QCOMPARE(layout.places[0].dataBytes, size_t {13});
        // Scratch and inputs are not given back: a gigabyte of them must not be copied.
        QCOMPARE(layout.places[1].dataBytes, size_t {0});
        QCOMPARE(layout.places[3].dataBytes, size_t {0});
        QVERIFY(layout.totalBytes >= end && layout.totalBytes < 2 * end);
        QCOMPARE(layoutOf({}).totalBytes, size_t {0});
    }

    void childOptionsSurviveTheCommandLine()
    {
        ChildOptions options;
        options.role = ChildRole::Runner;
        options.device = {"A platform", "a \"device\" with\nodd letters", 2};
        options.jail.landlock = options.jail.gpu = true;
        options.jail.writable = "/tmp/x y";
        options.jail.readable = {"/opt/a", "/opt/b"};
        options.jail.addressSpaceBytes = uint64_t {5} << 30;
        const auto read = parseChildArguments(childArguments(options));
        QVERIFY(read.has_value());
        QVERIFY(read->role == ChildRole::Runner && read->jail.landlock && read->jail.gpu
                && !read->jail.limits);
        QCOMPARE(read->device.name, options.device.name);
        QCOMPARE(read->device.ordinal, 2);
        QCOMPARE(read->jail.readable, options.jail.readable);
        QCOMPARE(read->jail.addressSpaceBytes, options.jail.addressSpaceBytes);
        for (const std::vector<std::string> &bad : {std::vector<std::string> {"--child", "king"},
                                                    {"--ordinal"},
                                                    {"--tasks", "many"},
                                                    {"--what", "x"}})
            QVERIFY(!parseChildArguments(bad));
    }
};

QTEST_APPLESS_MAIN(TestChildMessages)
#include "tst_child_messages.moc"
