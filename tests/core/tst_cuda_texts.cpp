// SPDX-License-Identifier: GPL-3.0-or-later
// What the CUDA compiler writes, read without a compiler: PTX, the assembler's log, architecture names.
#include "core/analysis/Cubin.h"
#include "core/analysis/CudaArchitecture.h"
#include "core/analysis/PtxReader.h"
#include "core/analysis/PtxasLog.h"

#include <QTest>

using namespace ww;

class TestCudaTexts : public QObject {
    Q_OBJECT
private slots:
    void brokenPtxGivesNoEntries_data()
    {
        QTest::addColumn<QString>("ptx");
        for (const char *text : {"", ".entry", ".entry (", ".entry 4%(", ".entry \n\n)", "entry k()"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void brokenPtxGivesNoEntries()
    {
        QFETCH(QString, ptx);
        for (const PtxEntry &entry : ptxEntries(ptx.toStdString()))
            QVERIFY2(!entry.symbol.empty(), entry.symbol.c_str());
    }

    void parametersHaveTheirKindAndSize()
    {
        const auto entries =
            ptxEntries(".visible .entry first(\n\t.param .u64 first_param_0,\n"
                       "\t.param .f32 first_param_1,\n\t.param .u32 first_param_2,\n"
                       "\t.param .align 64 .b8 first_param_3[128],\n"
                       "\t.param .align 2 .b8 first_param_4[2]\n)\n.maxntid 128, 1, 1\n{ ret; }\n"
                       ".visible .entry second()\n{ ret; }\n");
        using Kind = PtxParameter::Kind;
        QCOMPARE(entries.size(), size_t {2});
        QCOMPARE(entries[0].symbol, std::string("first"));
        const std::vector<std::pair<Kind, int64_t>> wanted {
            {Kind::Pointer, 8}, {Kind::Float, 4}, {Kind::Integer, 4}, {Kind::Bytes, 128}, {Kind::Bytes, 2}};
        QCOMPARE(entries[0].parameters.size(), wanted.size());
        for (size_t i = 0; i < wanted.size(); ++i) {
            QCOMPARE(entries[0].parameters[i].kind, wanted[i].first);
            QCOMPARE(entries[0].parameters[i].bytes, wanted[i].second);
        }
        QVERIFY(entries[1].parameters.empty());
    }

    void featuresAreNamedByTheirOperands_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("feature");
        QTest::newRow("clock") << "mov.u64 %rd1, %clock64;"
                               << "clock";
        QTest::newRow("timer") << "mov.u64 %rd1, %globaltimer;"
                               << "clock";
        QTest::newRow("tf32") << "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1}, {%r1};"
                              << "mma.tf32";
        QTest::newRow("bf16") << "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {%f1}, %rd1;"
                              << "wgmma.bf16";
        QTest::newRow("fp8 into f16") << "mma.sync.aligned.m16n8k32.row.col.f16.e4m3.e5m2.f16 {%r1};"
                                      << "mma.e4m3";
        QTest::newRow("trap") << "trap;"
                              << "trap";
        QTest::newRow("in a remark") << "// trap; %clock"
                                     << "";
    }
    void featuresAreNamedByTheirOperands()
    {
        QFETCH(QString, line);
        QFETCH(QString, feature);
        const std::vector<std::string> found = ptxFeatures("\t" + line.toStdString() + "\n");
        QCOMPARE(QString::fromStdString(found.empty() ? "" : found.front()), feature);
    }

    void theAssemblersRemarksAreTakenOutOfTheLog()
    {
        const PtxasLog log =
            readPtxasLog("candidate.cu(3): warning #177-D: variable \"x\" was declared but never "
                         "referenced\nptxas info    : 0 bytes gmem\n"
                         "ptxas info    : Function properties for k\n"
                         "ptxas         .     528 bytes stack frame, 1024 bytes spill stores, 1136 "
                         "bytes spill loads\nptxas info    : Used 32 registers, 8320 bytes smem\n");
        QCOMPARE(log.spills.at("k").storeBytes, int64_t {1024});
        QCOMPARE(log.spills.at("k").loadBytes, int64_t {1136});
        QCOMPARE(log.staticSharedBytes, int64_t {8320});
        QCOMPARE(log.rest.find("ptxas"), std::string::npos);
        QVERIFY(log.rest.starts_with("candidate.cu(3)"));
    }

    void namesOfArchitecturesReadBack_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("number");
        QTest::newRow("plain") << "sm_90" << 90;
        QTest::newRow("own variant") << "sm_90a" << 90;
        QTest::newRow("three digits") << "sm_120" << 120;
        for (const char *bad : {"", "sm_", "sm_9", "sm_a", "90", "sm_90b", "sm_-90", "sm_99999999999"})
            QTest::newRow(bad) << bad << 0;
    }
    void namesOfArchitecturesReadBack()
    {
        QFETCH(QString, name);
        QFETCH(int, number);
        QCOMPARE(cudaArchitectureNumber(name.toStdString()).value_or(0), number);
    }

    void kernelNamesAreFreedOfTheirMangling()
    {
        QCOMPARE(plainKernelName("scale"), std::string("scale"));
        QCOMPARE(plainKernelName("_Z5scalePf"), std::string("scale"));
        QCOMPARE(plainKernelName("_ZN3one5scaleIiEEvPT_"), std::string("scale"));
    }

    void whatIsNoCubinIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("#!/bin/sh\n");
        QTest::newRow("an ELF header and no more") << QByteArray("\x7f"
                                                                 "ELF\x02\x01\x01",
                                                                 7)
                + QByteArray(57, '\0');
        QByteArray far("\x7f"
                       "ELF\x02\x01\x01",
                       7);
        far += QByteArray(57, '\xff');
        QTest::newRow("offsets beyond the end") << far;
    }
    void whatIsNoCubinIsRefused()
    {
        QFETCH(QByteArray, bytes);
        QVERIFY(!readCubin(std::string_view(bytes.constData(), static_cast<size_t>(bytes.size()))));
    }
};

QTEST_GUILESS_MAIN(TestCudaTexts)
#include "tst_cuda_texts.moc"
