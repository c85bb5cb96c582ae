// SPDX-License-Identifier: GPL-3.0-or-later
// The CUDA compiler as a child has it, against the real NVRTC; no GPU and no driver is needed.
#include "core/analysis/CodeListing.h"
#include "core/analysis/Cubin.h"
#include "core/analysis/Occupancy.h"
#include "core/device/BuildLog.h"
#include "core/device/SourceLint.h"
#include "core/device/cuda/CudaParcel.h"
#include "core/device/cuda/CudaProgram.h"
#include "core/device/cuda/Disassembler.h"
#include "core/device/cuda/LeadingIncludes.h"

#include <QTemporaryDir>
#include <QTest>

#include <cuda_occupancy.h>

#include <filesystem>

using namespace ww;

namespace {

const std::string kScale = "__global__ void scale(float *y, const float *x, int n, float factor)\n"
                           "{\n    int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                           "    if (i < n) y[i] = factor * x[i];\n}\n";

BuildRequest request(const std::string &source, KernelUse use = {"scale", 1, 4, 256, 0})
{
    BuildRequest made;
    made.source = source;
    made.kernels = {std::move(use)};
    return made;
}

} // namespace

class TestCudaCompile : public QObject {
    Q_OBJECT

    std::optional<Nvrtc> m_nvrtc;

    CudaProgramBuild build(const BuildRequest &made, int architecture = 90)
    {
        return buildCudaProgram(*m_nvrtc, *cudaArchitecture(architecture), made);
    }

private slots:
    void initTestCase()
    {
        Result<Nvrtc> nvrtc = Nvrtc::load();
        if (!nvrtc)
            QSKIP(nvrtc.error().message().c_str());
        m_nvrtc = std::move(*nvrtc);
    }

    void faultsAreNamed_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<int>("arguments");
        QTest::addColumn<int>("threads");
        QTest::addColumn<int>("shared");
        QTest::addColumn<int>("problem");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const std::string &source, int arguments, int threads,
                            int shared, Problem problem, const char *message) {
            QTest::newRow(name) << QString::fromStdString(source) << arguments << threads << shared
                                << static_cast<int>(problem) << QString::fromUtf8(message);
        };
        row("syntax", "__global__ void scale(", 4, 256, 0, Problem::Source, "candidate.cu(1): error");
        row("another name", "__global__ void other(float *y) { }", 1, 1, 0, Problem::Plan,
            "no kernel 'scale'; it has: other");
        row("no kernel", "__device__ int f() { return 1; }", 1, 1, 0, Problem::Plan, "it has: none");
        row("two of one name", "__global__ void scale(float *y) { }\n__global__ void scale(int *y) { }", 1, 1,
            0, Problem::Plan, "several kernels 'scale'");
        row("too few arguments", kScale, 3, 256, 0, Problem::Plan, "takes 4 arguments, the plan gives it 3");
        row("shared as an argument", kScale, 5, 256, 1024, Problem::Plan, "extern __shared__");
        row("beyond its launch bounds", "__global__ void __launch_bounds__(64) scale(float *y) { y[0] = 1; }",
            1, 128, 0, Problem::Resource, "at most 64 threads");
        row("too much dynamic shared memory", "__global__ void scale(float *y) { y[0] = 1; }", 1, 32, 233472,
            Problem::Resource, "shared memory");
        row("too much static shared memory",
            "__global__ void scale(float *y) { __shared__ float t[1 << 20]; t[threadIdx.x] = y[0]; "
            "__syncthreads(); y[1] = t[0]; }",
            1, 32, 0, Problem::Resource, "4194304 bytes of __shared__ memory");
    }
    void faultsAreNamed()
    {
        QFETCH(QString, source);
        QFETCH(int, arguments);
        QFETCH(int, threads);
        QFETCH(int, shared);
        QFETCH(int, problem);
        QFETCH(QString, message);
        const BuildReply reply =
            build(request(source.toStdString(),
                          {"scale", 1, static_cast<uint64_t>(arguments), static_cast<uint64_t>(threads),
                           static_cast<uint64_t>(shared)}))
                .reply;
        QCOMPARE(static_cast<int>(reply.problem), problem);
        QVERIFY2(QString::fromStdString(reply.message).contains(message), reply.message.c_str());
    }

    void errorsStandWhereTheyAreInTheSource()
    {
        const BuildReply reply =
            build(request("__global__ void scale(float *y)\n{\n    y[0] = unknown;\n}\n")).reply;
        const BuildLog log = readBuildLog(reply.log);
        QVERIFY2(!log.diagnostics.empty(), reply.log.c_str());
        QCOMPARE(log.diagnostics.front().line, 3);
        QVERIFY(log.diagnostics.front().message.find("unknown") != std::string::npos);
    }

    void filesOutsideTheToolkitAreNotRead()
    {
        const BuildReply reply = build(request("#include \"candidate_secret.h\"\n" + kScale)).reply;
        QVERIFY(reply.problem == Problem::Source);
    }

    void headersForDeviceCodeCompile_data()
    {
        QTest::addColumn<QString>("header");
        for (const char *header :
             {"cuda_fp16.h", "cuda_bf16.h", "cuda_fp8.h", "mma.h", "cooperative_groups.h", "cuda_pipeline.h",
              "cooperative_groups/reduce.h", "cuda/barrier", "cuda/pipeline", "cuda/std/cstdint"})
            QTest::newRow(header) << QString::fromLatin1(header);
    }
    void headersForDeviceCodeCompile()
    {
        QFETCH(QString, header);
        QVERIFY(isCudaHeader(header.toStdString()));
        const BuildReply reply = build(request("#include <" + header.toStdString() + ">\n" + kScale)).reply;
        QVERIFY2(reply.problem == Problem::None, reply.log.c_str());
    }

    void leadingIncludesAreThoseOfHeadersAlone_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("headers");
        QTest::addColumn<int>("line");
        const auto row = [](const char *name, const char *source, const char *headers, int line) {
            QTest::newRow(name) << QString::fromLatin1(source) << QString::fromLatin1(headers) << line;
        };
        row("none", "int a;\n", "", 1);
        row("empty", "", "", 1);
        row("one", "#include <mma.h>\nint a;\n", "mma.h", 2);
        row("two behind a plan",
            "//@ launch k\n\n # include <mma.h> // tiles\r\n#include <cuda_bf16.h>\n\nint a;",
            "mma.h cuda_bf16.h", 5);
        row("without an end of line", "#include <mma.h>", "mma.h", 2);
        row("behind a macro", "#define half int\n#include <mma.h>\n", "", 1);
        row("a macro between", "#include <mma.h>\n#define half int\n#include <cuda_bf16.h>\n", "mma.h", 2);
        row("a comment that goes on", "// \\\n#define half int\n#include <mma.h>\n", "", 1);
        row("a comment that goes on by a trigraph", "// ?\?/\n#define half int\n#include <mma.h>\n", "", 1);
        row("an include that goes on", "#include <mma.h> \\\n\n", "", 1);
        row("a long comment", "/* */\n#include <mma.h>\n", "", 1);
        row("a long comment behind it", "#include <mma.h> /*\n#define half int */\n", "", 1);
        row("another file", "#include <stdio.h>\n", "", 1);
        row("a file of its own", "#include \"mma.h\"\n", "", 1);
        row("a header by a macro", "#include HEADER\n", "", 1);
    }
    void leadingIncludesAreThoseOfHeadersAlone()
    {
        QFETCH(QString, source);
        QFETCH(QString, headers);
        QFETCH(int, line);
        const LeadingIncludes found = leadingIncludes(source.toStdString());
        QString names;
        for (const std::string &header : found.headers)
            names += QLatin1String(names.isEmpty() ? "" : " ") + QString::fromStdString(header);
        QCOMPARE(names, headers);
        QCOMPARE(found.line, line);
    }

    void headersAreReadOnceAndTheCodeStaysTheSame()
    {
        const QTemporaryDir folder;
        qputenv("TMPDIR", folder.path().toLocal8Bit());
        PrecompiledHeaders headers(*m_nvrtc);
        const std::string source =
            "//@ tune SIZE = 64\n#include <cuda_fp16.h>\n"
            "extern \"C\" __global__ void scale(__half *y, const float *x, int n, float factor)\n"
            "{\n    y[SIZE] = __float2half(x[n] * factor);\n}\n";
        const auto made = [&](const std::string &text, int64_t size, PrecompiledHeaders *kept) {
            BuildRequest wanted = request(text);
            wanted.defines = {{"SIZE", size}};
            return buildCudaProgram(*m_nvrtc, *cudaArchitecture(90), wanted, kept);
        };
        const auto files = [&] {
            return std::distance(std::filesystem::directory_iterator(folder.path().toStdString()), {});
        };
        for (const int64_t size : {1, 2, 3, 4}) {
            const CudaProgramBuild with = made(source, size, &headers);
            const CudaProgramBuild without = made(source, size, nullptr);
            QVERIFY2(with.reply.problem == Problem::None, with.reply.log.c_str());
            QCOMPARE(with.reply.binaryHash, without.reply.binaryHash);
            QCOMPARE(with.reply.log, without.reply.log);
            QCOMPARE(with.reply.resources, without.reply.resources);
            QCOMPARE(files(), size > 1 ? 1 : 0);
        }
        // Errors stand where they are.
        std::string wrong = source;
        wrong.replace(wrong.find("x[n]"), 4, "z[n]");
        const BuildLog log = readBuildLog(made(wrong, 5, &headers).reply.log);
        QVERIFY(!log.diagnostics.empty());
        QCOMPARE(log.diagnostics.front().line, 5);

        // What a candidate puts before its headers concerns itself alone.
        const std::string hostile = "#define __float2half(x) __ushort_as_half(0)\n" + source;
        for (int i = 0; i < 3; ++i)
            (void)made(hostile, 1, &headers);
        QCOMPARE(made(source, 1, &headers).reply.binaryHash, made(source, 1, nullptr).reply.binaryHash);

        // A file that is damaged is not used.
        for (const auto &file : std::filesystem::directory_iterator(folder.path().toStdString()))
            std::filesystem::resize_file(file.path(), 100000);
        QCOMPARE(made(source, 1, &headers).reply.binaryHash, made(source, 1, nullptr).reply.binaryHash);
        QCOMPARE(files(), 0);
        qunsetenv("TMPDIR");
    }

    void everyArchitectureCompiles_data()
    {
        QTest::addColumn<int>("architecture");
        for (const int number : knownCudaArchitectures())
            QTest::addRow("sm_%d", number) << number;
    }
    void everyArchitectureCompiles()
    {
        QFETCH(int, architecture);
        const auto &known = m_nvrtc->architectures();
        if (std::find(known.begin(), known.end(), architecture) == known.end())
            QSKIP("this NVRTC does not know it");
        const CudaProgramBuild made = build(request(kScale), architecture);
        QVERIFY2(made.reply.problem == Problem::None, made.reply.message.c_str());
        const Result<CubinFacts> cubin = readCubin(made.cubin);
        QVERIFY2(cubin, cubin ? "" : cubin.error().message().c_str());
        QCOMPARE(cubin->kernels.size(), size_t {1});
        QVERIFY(cubin->kernels[0].registers > 0);
        QVERIFY(cubin->kernels[0].instructions > 4);
        QCOMPARE(made.kernels.at("scale").parameters.size(), size_t {4});
    }

    void resourcesAreReadOffTheMachineCode()
    {
        const std::string source =
            "__device__ float kept[16];\n"
            "__global__ void scale(float *y, const float *x, int n, float factor)\n{\n"
            "    __shared__ float t[512];\n    extern __shared__ float d[];\n"
            "    t[threadIdx.x] = x[threadIdx.x]; d[threadIdx.x] = clock64();\n    __syncthreads();\n"
            "    y[n] = t[n] * factor + d[n]; kept[n] = 1;\n}\n";
        const auto resources = build(request(source, {"scale", 1, 4, 512, 4096})).reply.resources;
        QCOMPARE(resources.at("scale.static_shared_bytes"), std::string("2048"));
        QCOMPARE(resources.at("scale.dynamic_shared_bytes"), std::string("4096"));
        QCOMPARE(resources.at("device_variable_bytes"), std::string("64"));
        QCOMPARE(resources.at("features"), std::string("clock"));
    }

    void spillsAreSeen()
    {
        const std::string source =
            "__global__ void __launch_bounds__(1024, 2) scale(float *y)\n{\n"
            "    float a[64];\n#pragma unroll\n    for (int i = 0; i < 64; ++i) a[i] = y[i * 7];\n"
            "    __syncthreads();\n"
            "#pragma unroll\n    for (int i = 0; i < 64; ++i) y[i * 3] = a[63 - i] * a[i];\n}\n";
        const auto resources = build(request(source, {"scale", 1, 1, 1024, 0})).reply.resources;
        QVERIFY(std::stoi(resources.at("scale.spill_store_bytes")) > 0);
        QVERIFY(std::stoi(resources.at("scale.local_stores")) > 0);
    }

    void linesOfSourcePtxAndMachineCodeLink()
    {
        const std::string source = "#include <cuda_fp16.h>\n"
                                   "__device__ float twice(float v)\n{\n    return v * 2.0f;\n}\n"
                                   "__global__ void scale(float *y, const float *x, int n, float factor)\n{\n"
                                   "    int i = threadIdx.x;\n"
                                   "    if (i < n)\n        y[i] = twice(x[i]) + factor;\n}\n"
                                   "extern \"C\" __global__ void halves(__half *h, int n)\n{\n"
                                   "    h[threadIdx.x] = __hadd(h[threadIdx.x], h[n]);\n}\n";
        const CudaProgramBuild made = build(request(source));
        QVERIFY2(made.reply.problem == Problem::None, made.reply.log.c_str());
        const std::vector<CodeLine> ptx = ptxListing(made.ptx, kCudaSourceName);
        const Result<LineTables> tables = readLineTables(made.cubin, kCudaSourceName);
        QVERIFY2(tables, tables ? "" : tables.error().message().c_str());
        const std::string scale = made.kernels.at("scale").symbol;
        const auto hasLine = [](const KernelLines &lines, int wanted) {
            return std::any_of(lines.begin(), lines.end(),
                               [wanted](const auto &entry) { return entry.second == wanted; });
        };
        for (const int line : {8, 9, 10})
            QVERIFY2(hasLine(tables->source.at(scale), line), std::to_string(line).c_str());
        QVERIFY(hasLine(tables->source.at("halves"), 14) && !hasLine(tables->source.at("halves"), 10));
        // Each instruction that the table of PTX lines names stands on a line that is an instruction.
        int linked = 0;
        for (const auto &[kernel, lines] : tables->ptx) {
            for (const auto &[offset, line] : lines) {
                if (line == 0)
                    continue;
                QVERIFY2(static_cast<size_t>(line) <= ptx.size(), kernel.c_str());
                const std::string &text = ptx[static_cast<size_t>(line) - 1].text;
                linked += text.ends_with(';') ? 1 : 0;
            }
        }
        QVERIFY(linked > 5);
        const auto add = std::find_if(ptx.begin(), ptx.end(), [](const CodeLine &line) {
            return line.text.find("add.f16") != std::string::npos
                || line.text.find("add{") != std::string::npos;
        });
        QVERIFY(add == ptx.end() || add->sourceLine == 14);
    }

    void machineCodeIsShownOrMissedWithItsRemedy()
    {
        const CudaProgramBuild made = build(request(kScale));
        const Result<std::string> printed = disassembled(made.cubin);
        if (!printed) {
            QVERIFY2(printed.error().message().find("Install") != std::string::npos,
                     printed.error().message().c_str());
            return;
        }
        const Result<LineTables> tables = readLineTables(made.cubin, kCudaSourceName);
        const std::vector<CodeLine> sass = sassListing(*printed, *tables);
        QVERIFY(opcodeCounts(sass)["EXIT"] > 0);
        QVERIFY(std::any_of(sass.begin(), sass.end(), [](const CodeLine &line) {
            return line.text.find("STG") != std::string::npos && line.sourceLine == 4 && line.ptxLine > 0;
        }));
    }

    void lineTablesThatBreakOffAreReadSoFar()
    {
        const CudaProgramBuild made = build(request(kScale));
        for (size_t cut = 0; cut < made.cubin.size(); cut += 97) {
            std::string damaged = made.cubin;
            for (size_t i = cut; i < std::min(cut + 24, damaged.size()); ++i)
                damaged[i] = '\xff';
            // Whatever comes of it, it ends and stays within the bytes (the sanitizer build sees more).
            [[maybe_unused]] const auto tables = readLineTables(damaged, kCudaSourceName);
            [[maybe_unused]] const auto shorter = readLineTables(made.cubin.substr(0, cut), kCudaSourceName);
        }
        QVERIFY(readLineTables(made.cubin, "other.cu")->source.at(made.kernels.at("scale").symbol).size()
                > 0);
    }

    void aProgramSurvivesBeingHandedOver()
    {
        const CudaProgramBuild made = build(request(kScale));
        const Result<CudaProgramBuild> again = unpackCudaProgram(packCudaProgram(made));
        QVERIFY2(again, again ? "" : again.error().message().c_str());
        QCOMPARE(again->cubin, made.cubin);
        QCOMPARE(again->kernels.at("scale").symbol, made.kernels.at("scale").symbol);
        const auto &parameters = again->kernels.at("scale").parameters;
        QCOMPARE(parameters.size(), size_t {4});
        QVERIFY(parameters[0].kind == PtxParameter::Kind::Pointer && parameters[0].bytes == 8);
        QVERIFY(parameters[3].kind == PtxParameter::Kind::Float && parameters[3].bytes == 4);
    }

    void whatIsNoHandedProgramIsRefused_data()
    {
        QTest::addColumn<QString>("bytes");
        for (const char *text :
             {"", "\n", "k", "k s\n", "k s p8\n\n", "k\n\ncode", "k s x8\n\ncode", "k s p\n\ncode",
              "k s p0\n\ncode", "k s p8x\n\ncode", "k s\nk s\n\ncode", "k s p99999999999999999999\n\ncode"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void whatIsNoHandedProgramIsRefused()
    {
        QFETCH(QString, bytes);
        QVERIFY(!unpackCudaProgram(bytes.toStdString()));
    }

    void equalCodeHasOneHash()
    {
        const std::string hash = build(request(kScale)).reply.binaryHash;
        QCOMPARE(build(request("// a remark\n" + kScale)).reply.binaryHash.empty(), hash.empty());
        BuildRequest other = request(kScale);
        other.source += "// behind it";
        QCOMPARE(build(other).reply.binaryHash, hash);
    }

    void occupancyAgreesWithTheToolkits_data()
    {
        QTest::addColumn<int>("architecture");
        for (const int number : knownCudaArchitectures())
            QTest::addRow("sm_%d", number) << number;
    }
    void occupancyAgreesWithTheToolkits()
    {
        QFETCH(int, architecture);
        const CudaArchitecture sm = *cudaArchitecture(architecture);
        cudaOccDeviceProp device;
        device.computeMajor = architecture / 10;
        device.computeMinor = architecture % 10;
        device.maxThreadsPerBlock = sm.threadsPerBlock;
        device.maxThreadsPerMultiprocessor = sm.warpsPerSm * 32;
        device.regsPerBlock = static_cast<int>(sm.registersPerBlock);
        device.regsPerMultiprocessor = static_cast<int>(sm.registersPerSm);
        device.warpSize = 32;
        device.sharedMemPerBlock = 48 << 10;
        device.sharedMemPerBlockOptin = static_cast<size_t>(sm.sharedPerBlock);
        device.reservedSharedMemPerBlock = static_cast<size_t>(sm.sharedReservedPerBlock);
        device.sharedMemPerMultiprocessor = static_cast<size_t>(sm.sharedPerSm);
        device.numSms = 1;
        const cudaOccDeviceState state;
        for (int threads = 32; threads <= 1024; threads += 32) {
            for (const int registers : {8, 24, 32, 40, 64, 96, 128, 168, 255}) {
                for (const int shared : {0, 1000, 8192, 40000, 60000}) {
                    cudaOccFuncAttributes kernel;
                    kernel.maxThreadsPerBlock = 1024;
                    kernel.numRegs = registers;
                    kernel.sharedSizeBytes = 0;
                    kernel.maxDynamicSharedSizeBytes = static_cast<size_t>(shared);
                    kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
                    kernel.numBlockBarriers = 1;
                    cudaOccResult theirs;
                    const auto status = cudaOccMaxActiveBlocksPerMultiprocessor(
                        &theirs, &device, &kernel, &state, threads, static_cast<size_t>(shared));
                    QCOMPARE(status, CUDA_OCC_SUCCESS);
                    const Occupancy ours = occupancyOf(sm, {threads, registers, shared, 1});
                    if (ours.blocksPerSm != theirs.activeBlocksPerMultiprocessor)
                        QFAIL(qPrintable(QStringLiteral("%1 threads, %2 registers, %3 bytes: %4 against %5")
                                             .arg(threads)
                                             .arg(registers)
                                             .arg(shared)
                                             .arg(ours.blocksPerSm)
                                             .arg(theirs.activeBlocksPerMultiprocessor)));
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestCudaCompile)
#include "tst_cuda_compile.moc"
