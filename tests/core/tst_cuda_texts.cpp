// SPDX-License-Identifier: GPL-3.0-or-later
// What the CUDA compiler writes, read without a compiler: PTX, the assembler's log, architecture names.
#include "core/analysis/CodeListing.h"
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

    void linesOfPtxKnowTheirPlaceInTheSource()
    {
        const std::string ptx = ".version 9.0\n\n.visible .entry k(\n)\n{\n"
                                "\t.loc\t1 6 0\n\tmov.u32 %r1, %tid.x;\n"
                                "\t.loc\t2 100 5, function_name $L__info_string0, inlined_at 1 8 9\n"
                                "\tadd.f16 %f2, %f1, %f1;\n"
                                "\t.loc\t2 7 1\n\tadd.f32 %f2, %f1, %f1;\n$L__BB0_2:\n"
                                "\t.loc\t1 11 1\n\tret;\n}\n"
                                "\t.file\t1 \"/somewhere/candidate.cu\"\n\t.file\t2 \"cuda_fp16.hpp\"\n";
        const std::vector<CodeLine> lines = ptxListing(ptx, "candidate.cu");
        const auto lineWith = [&](const char *text) {
            const auto found = std::find_if(lines.begin(), lines.end(), [&](const CodeLine &line) {
                return line.text.find(text) != std::string::npos;
            });
            return found == lines.end() ? -1 : found->sourceLine;
        };
        QCOMPARE(lines.size(), size_t {17});
        QCOMPARE(lineWith("mov.u32"), 6);
        QCOMPARE(lineWith("add.f16"), 8);
        QCOMPARE(lineWith("add.f32"), 0);
        QCOMPARE(lineWith("ret;"), 11);
        QCOMPARE(lineWith("$L__BB0_2"), 0);
        QCOMPARE(lineWith(".version"), 0);
    }

    void brokenLocationsBelongToNoLine_data()
    {
        QTest::addColumn<QString>("location");
        for (const char *text : {"", "1", "x y", "1 99999999999", "2 5, inlined_at", "2 5, inlined_at 3"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void brokenLocationsBelongToNoLine()
    {
        QFETCH(QString, location);
        const std::string ptx =
            "\t.loc " + location.toStdString() + "\n\tret;\n\t.file 1 \"candidate.cu\"\n.file\n.file 1 \"\n";
        QCOMPARE(ptxListing(ptx, "candidate.cu")[1].sourceLine, 0);
    }

    void machineCodeIsReadOffBothTools_data()
    {
        QTest::addColumn<QString>("printed");
        QTest::newRow("nvdisasm -c") << "\t.section\t.text.halves,\"ax\",@progbits\nhalves:\n.text.halves:\n"
                                        "        /*0000*/                   LDC R1, c[0x0][0x28] ;\n"
                                        "        /*0010*/               @P0 HADD2 R0, R0.H0_H0, R5.H0_H0 ;\n"
                                        ".L_x_0:\n        /*0020*/                   BRA `(.L_x_0);\n";
        QTest::newRow("cuobjdump -sass")
            << "\t\tFunction : halves\n\t.headerflags\t@\"EF_CUDA_SM90\"\n"
               "        /*0000*/                   LDC R1, c[0x0][0x28] ;     /* 0x00000a00ff017b82 */\n"
               "                                                              /* 0x000fe20000000800 */\n"
               "        /*0010*/               @P0 HADD2 R0, R0.H0_H0, R5.H0_H0 ; /* 0x0000000000057919 */\n"
               ".L_x_0:\n        /*0020*/                   BRA `(.L_x_0); /* 0x0000000000057919 */\n";
    }
    void machineCodeIsReadOffBothTools()
    {
        QFETCH(QString, printed);
        LineTables tables;
        tables.source["halves"] = {{0, 12}, {0x10, 15}};
        tables.ptx["halves"] = {{0x8, 40}};
        tables.source["other"] = {{0, 99}};
        const std::vector<CodeLine> lines = sassListing(printed.toStdString(), tables);
        QCOMPARE(lines.size(), size_t {5});
        QCOMPARE(lines[0].text, std::string("halves:"));
        QCOMPARE(lines[1].text, std::string("/*0000*/ LDC R1, c[0x0][0x28]"));
        QVERIFY(lines[1].sourceLine == 12 && lines[1].ptxLine == 0);
        QVERIFY(lines[2].sourceLine == 15 && lines[2].ptxLine == 40);
        QCOMPARE(lines[3].text, std::string(".L_x_0:"));
        const auto counts = opcodeCounts(lines);
        QVERIFY(counts.size() == 3 && counts.at("HADD2") == 1 && counts.at("BRA") == 1);
    }

    void textWithoutInstructionsGivesNone_data()
    {
        QTest::addColumn<QString>("printed");
        for (const char *text :
             {"", ".text.k:", "/*", "/*zz*/ X ;", "/*0000*/ ;", "/*0000*/ X", "; /*0000*/ X"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void textWithoutInstructionsGivesNone()
    {
        QFETCH(QString, printed);
        QVERIFY(sassListing(printed.toStdString(), {}).empty());
    }

    void instructionsOfNoteAreTold_data()
    {
        QTest::addColumn<QString>("instruction");
        QTest::addColumn<QString>("finding");
        QTest::newRow("matrix units") << "HMMA.16816.F32.BF16 R4, R8, R12, R4"
                                      << "matrix units multiply bfloat16 (HMMA), 1 instruction";
        QTest::newRow("warpgroups")
            << "HGMMA.64x128x16.F32.BF16 R24, gdesc[UR8], R24"
            << "matrix units multiply bfloat16 by whole warpgroups (HGMMA), 1 instruction";
        QTest::newRow("guarded") << "@!P0 LDGSTS.E.BYPASS.128 [R5], desc[UR4][R2.64]"
                                 << "without passing registers";
        QTest::newRow("clock") << "CS2R R2, SR_CLOCKLO"
                               << "a clock is read";
        QTest::newRow("local") << "STL.128 [R1+0x10], R4"
                               << "local memory is written";
    }
    void instructionsOfNoteAreTold()
    {
        QFETCH(QString, instruction);
        QFETCH(QString, finding);
        QString all;
        for (const std::string &found : codeFindings({{"/*0000*/ " + instruction.toStdString(), 0, 0}}))
            all += QString::fromStdString(found) + QLatin1Char('\n');
        QVERIFY2(all.contains(finding), qPrintable(all));
        QVERIFY(codeFindings({{"/*0000*/ LDC R1, c[0x0][0x28]", 0, 0}, {"HMMA:", 0, 0}}).empty());
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
        const std::string_view view(bytes.constData(), static_cast<size_t>(bytes.size()));
        QVERIFY(!readCubin(view));
        QVERIFY(!readLineTables(view, "candidate.cu"));
    }
};

QTEST_GUILESS_MAIN(TestCudaTexts)
#include "tst_cuda_texts.moc"
