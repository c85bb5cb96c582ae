// SPDX-License-Identifier: GPL-3.0-or-later
// Reports of Nsight Compute, as its command line prints them.
#include "core/analysis/NcuCsv.h"

#include <QTest>

using namespace ww;

namespace {

const std::string kLong =
    "==PROF== Connected to process 1\n"
    "\"ID\",\"Process ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"
    "\"0\",\"7\",\"softmax(const float *, int)\",\"gpu__time_duration.sum\",\"us\",\"44.25\"\n"
    "\"0\",\"7\",\"softmax(const float *, int)\","
    "\"gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"71.5\"\n"
    "\"0\",\"7\",\"softmax(const float *, "
    "int)\",\"sm__throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"30\"\n"
    "\"0\",\"7\",\"softmax(const float *, int)\","
    "\"gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed\",\"%\",\"71.5\"\n"
    "\"0\",\"7\",\"softmax(const float *, int)\",\"dram__bytes_read.sum\",\"Mbyte\",\"1,067.10\"\n"
    "\"0\",\"7\",\"softmax(const float *, int)\",\"some__other.sum\",\"\",\"3\"\n"
    "\"1\",\"7\",\"second\",\"gpu__time_duration.sum\",\"nsecond\",\"1,500\"\n";

} // namespace

class TestNcuCsv : public QObject {
    Q_OBJECT
private slots:
    void faultsAreNamed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("fault");
        QTest::newRow("empty") << ""
                               << "there is no header";
        QTest::newRow("something else") << "hello\nworld\n"
                                        << "there is no header";
        QTest::newRow("nothing under the header") << "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n"
                                                  << "none of the metrics";
        QTest::newRow("no metric of ours")
            << "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n0,k,a__b.sum,,1\n"
            << "none of the metrics";
        QTest::newRow("no number") << "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n"
                                      "0,k,gpu__time_duration.sum,us,n/a\n"
                                   << "none of the metrics";
        QTest::newRow("cells missing")
            << "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n0,k,1\n"
            << "line 2: cannot read the report of ncu: it has 3 cells, the header 5";
        QTest::newRow("an open quote") << "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n0,\"k,a,b,1\n"
                                       << "never closed";
    }
    void faultsAreNamed()
    {
        QFETCH(QString, text);
        QFETCH(QString, fault);
        const auto kernels = readNcuCsv(text.toStdString());
        QVERIFY(!kernels);
        QVERIFY2(QString::fromStdString(kernels.error().message()).contains(fault),
                 kernels.error().message().c_str());
    }

    void oneRowAMetric()
    {
        const auto kernels = readNcuCsv(kLong);
        QVERIFY2(kernels, kernels ? "" : kernels.error().message().c_str());
        QCOMPARE(kernels->size(), size_t {2});
        const NcuKernel &first = kernels->front();
        QCOMPARE(first.name, std::string("softmax(const float *, int)"));
        QCOMPARE(first.profile.metrics.at("duration_us"), 44.25);
        QCOMPARE(first.profile.metrics.at("dram_read_bytes"), 1067.10e6);
        QCOMPARE(first.profile.metrics.size(), size_t {5});
        QCOMPARE(first.profile.bottleneck, std::string("memory bandwidth"));
        QCOMPARE(first.profile.source, std::string("ncu"));
        QCOMPARE(kernels->back().profile.metrics.at("duration_us"), 1.5);
        QCOMPARE(kernels->back().profile.bottleneck, std::string("unknown"));
    }

    void oneColumnAMetric()
    {
        const auto kernels =
            readNcuCsv("ID,Kernel Name,gpu__time_duration.sum,l1tex__t_sector_hit_rate.pct\r\n"
                       ",,us,%\r\n0,k,2.5,11\r\n1,\"a \"\"b\"\"\",3,\r\n");
        QVERIFY2(kernels, kernels ? "" : kernels.error().message().c_str());
        QCOMPARE(kernels->size(), size_t {2});
        QCOMPARE(kernels->front().profile.metrics.at("duration_us"), 2.5);
        QCOMPARE(kernels->front().profile.metrics.at("l1_hit_pct"), 11.0);
        QCOMPARE(kernels->back().name, std::string("a \"b\""));
        QCOMPARE(kernels->back().profile.metrics.size(), size_t {1});
    }

    void cutReportsEnd()
    {
        // Whatever comes of it, each prefix is read to its end.
        for (size_t cut = 0; cut <= kLong.size(); ++cut)
            [[maybe_unused]] const auto kernels = readNcuCsv(std::string_view(kLong).substr(0, cut));
        QVERIFY(ncuMetrics().find("gpu__time_duration.sum,") == 0);
    }
};

QTEST_GUILESS_MAIN(TestNcuCsv)
#include "tst_ncu_csv.moc"
