// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/DivergentBarrier.h"

#include <QTest>

using namespace ww;

class TestDivergentBarrier : public QObject {
    Q_OBJECT

private slots:
    void barriersThatNotAllReachAreSeen_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("some work-items") << QByteArray("if (get_local_id(0) < 32)\nbarrier(1);");
        QTest::newRow("through a variable")
            << QByteArray("int l = get_local_id(0);\nif (l < 32) { barrier(1); }");
        QTest::newRow("through two") << QByteArray(
            "const int i = get_global_id(0), at = 2 * i;\nif (at < n) {\n x = 1; barrier(1); }");
        QTest::newRow("what was loaded")
            << QByteArray("float v = x[get_global_id(0)];\nif (v > 0) barrier(1);");
        QTest::newRow("the other branch")
            << QByteArray("if (get_local_id(0) == 0) { a = 1; }\nelse { barrier(1); }");
        QTest::newRow("the other branch, bare")
            << QByteArray("if (get_local_id(0) == 0) a = 1;\nelse barrier(1);");
        QTest::newRow("deeper down") << QByteArray(
            "if (get_local_id(0) == 0) {\n for (int k = 0; k < 4; ++k) { barrier(1); } }");
        QTest::newRow("after some have left")
            << QByteArray("int i = get_global_id(0);\nif (i >= n) return;\nbarrier(1);");
        QTest::newRow("a loop of another length")
            << QByteArray("int l = get_local_id(0);\nfor (int k = 0; k < l; ++k) barrier(1);");
        QTest::newRow("while") << QByteArray(
            "int l = get_local_id(0);\nwhile (l > 0) { l = l / 2; barrier(1); }");
        QTest::newRow("CUDA") << QByteArray("int t = threadIdx.x;\nif (t < 32) { __syncthreads(); }");
    }
    void barriersThatNotAllReachAreSeen()
    {
        QFETCH(QByteArray, body);
        const std::string source =
            "//@ launch k grid(1) block(64) args(x)\n__kernel void k(__global float *x, int n)\n{\n"
            + body.toStdString() + "\n}\n";
        const std::optional<int> line = divergentBarrier(source);
        QVERIFY(line.has_value());
        QVERIFY(*line >= 4 && *line <= 6);
    }

    void barriersThatAllReachAreNot_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("none") << QByteArray("if (get_local_id(0) < 32) x[0] = 1;");
        QTest::newRow("plain") << QByteArray("tile[l] = x[get_global_id(0)]; barrier(1);");
        QTest::newRow("after a condition") << QByteArray("if (get_local_id(0) == 0) x[0] = 1; barrier(1);");
        QTest::newRow("after a block") << QByteArray("if (get_local_id(0) == 0) { x[0] = 1; } barrier(1);");
        QTest::newRow("a condition of the group's")
            << QByteArray("if (get_group_id(0) == 0) { barrier(1); }");
        QTest::newRow("a condition on arguments")
            << QByteArray("int many = n * 2; if (many > 4) barrier(1);");
        QTest::newRow("a reduction") << QByteArray(
            "int l = get_local_id(0);\nfor (int s = 32; s > 0; s >>= 1) {\n if (l < s) t[l] += t[l + s];\n"
            " barrier(1); }");
        QTest::newRow("a strided loop, which may end for all at once")
            << QByteArray("int l = get_local_id(0);\nfor (int k = l; k < n; k += 64) { barrier(1); }");
        QTest::newRow("the word elsewhere")
            << QByteArray("if (get_local_id(0) == 0) { /* barrier(1) */ x[0] = 1; // barrier(1)\n }");
        QTest::newRow("comparisons are no assignments")
            << QByteArray("int l = get_local_id(0); x[0] = n == l; if (n) barrier(1);");
    }
    void barriersThatAllReachAreNot()
    {
        QFETCH(QByteArray, body);
        const std::string source = "__kernel void k(__global float *x, int n)\n{\n" + body.toStdString()
            + "\n}\n" + "__kernel void second(__global float *x)\n{ barrier(1); }\n";
        QVERIFY(!divergentBarrier(source));
    }

    void aReturnOfOneKernelIsNothingToTheNext()
    {
        QVERIFY(!divergentBarrier("__kernel void a() { int i = get_global_id(0); if (i > 3) return; }\n"
                                  "__kernel void b(int i) { if (i > 3) barrier(1); barrier(1); }\n"));
    }

    void anySourceIsRead_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("closing only") << QByteArray("}}}})))) else barrier return ; = ( for if");
        QTest::newRow("open comment") << QByteArray("/* barrier");
        QTest::newRow("open text") << QByteArray("k() { \"barrier");
        QTest::newRow("half a condition") << QByteArray("k() { if (get_local_id(0)");
        QTest::newRow("half a loop") << QByteArray("k() { for (int i");
        QTest::newRow("deep") << QByteArray(100'000, '{') + "barrier";
        QTest::newRow("brackets") << "k() { if " + QByteArray(100'000, '(') + "barrier";
    }
    void anySourceIsRead()
    {
        QFETCH(QByteArray, source);
        (void)divergentBarrier(source.toStdString());
    }
};

QTEST_GUILESS_MAIN(TestDivergentBarrier)
#include "tst_divergent_barrier.moc"
