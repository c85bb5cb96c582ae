// SPDX-License-Identifier: GPL-3.0-or-later
// What holds a kernel back, by rules on its profile.
#include "core/analysis/Bottleneck.h"
#include "core/analysis/ProfileMetrics.h"

#include <QTest>

#include <limits>
#include <set>

using namespace ww;

using Metrics = std::map<std::string, double>;
Q_DECLARE_METATYPE(Metrics)

class TestBottleneck : public QObject {
    Q_OBJECT
private slots:
    void missingFiguresAreSaid_data()
    {
        QTest::addColumn<Metrics>("metrics");
        QTest::newRow("nothing") << Metrics {};
        QTest::newRow("no memory") << Metrics {{"sm_pct", 90}};
        QTest::newRow("no multiprocessors") << Metrics {{"memory_pct", 90}, {"dram_pct", 90}};
        QTest::newRow("not a number")
            << Metrics {{"sm_pct", std::numeric_limits<double>::quiet_NaN()}, {"memory_pct", 90}};
    }
    void missingFiguresAreSaid()
    {
        QFETCH(Metrics, metrics);
        const Bottleneck found = bottleneckOf(metrics);
        QCOMPARE(found.name, std::string("unknown"));
        QCOMPARE(found.reasons.size(), size_t {1});
    }

    void theBusyUnitDecides_data()
    {
        QTest::addColumn<Metrics>("metrics");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("reason");
        QTest::newRow("copy") << Metrics {{"sm_pct", 12}, {"memory_pct", 92}, {"dram_pct", 92}}
                              << "memory bandwidth"
                              << "device memory is at 92 %";
        QTest::newRow("gemm on matrix units")
            << Metrics {{"sm_pct", 88}, {"memory_pct", 55}, {"dram_pct", 20}, {"tensor_pct", 86}}
            << "matrix units"
            << "86 % of the time";
        QTest::newRow("busy memory under busier matrix units")
            << Metrics {{"sm_pct", 80}, {"memory_pct", 65}, {"dram_pct", 65}, {"tensor_pct", 80}}
            << "matrix units"
            << "80 %";
        QTest::newRow("gemm on float32 units")
            << Metrics {{"sm_pct", 81}, {"memory_pct", 60}, {"dram_pct", 8}, {"fma_pct", 80}, {"alu_pct", 20}}
            << "arithmetic"
            << "float32 units with 80 %";
        QTest::newRow("naive gemm")
            << Metrics {{"sm_pct", 55}, {"memory_pct", 93}, {"dram_pct", 9}, {"l1_pct", 93}, {"l2_pct", 30}}
            << "cache and shared memory"
            << "L1 and shared 93 %";
        QTest::newRow("small grid") << Metrics {{"sm_pct", 9}, {"memory_pct", 14}, {"sm_busy_pct", 22}}
                                    << "too little work"
                                    << "in 22 % of the time";
        QTest::newRow("waits for memory") << Metrics {{"sm_pct", 20},
                                                      {"memory_pct", 41},
                                                      {"sm_busy_pct", 97},
                                                      {"stall_memory", 11.5},
                                                      {"stall_barrier", 2}}
                                          << "latency"
                                          << "11.5 warps wait for data from memory";
        QTest::newRow("waits for barriers") << Metrics {{"sm_pct", 20},
                                                        {"memory_pct", 41},
                                                        {"sm_busy_pct", 97},
                                                        {"stall_memory", 1.5},
                                                        {"stall_barrier", 4}}
                                            << "latency"
                                            << "4.0 warps wait for a barrier";
        QTest::newRow("spills are told whatever the class")
            << Metrics {{"sm_pct", 12}, {"memory_pct", 92}, {"dram_pct", 92}, {"local_read_bytes", 4e6}}
            << "memory bandwidth"
            << "4 MB go through local memory";
        QTest::newRow("scattered accesses are told")
            << Metrics {{"sm_pct", 12}, {"memory_pct", 92}, {"dram_pct", 92}, {"load_sectors", 31.9}}
            << "memory bandwidth"
            << "a global load of a warp touches 31.9 sectors";
    }
    void theBusyUnitDecides()
    {
        QFETCH(Metrics, metrics);
        QFETCH(QString, name);
        QFETCH(QString, reason);
        const Bottleneck found = bottleneckOf(metrics);
        QCOMPARE(QString::fromStdString(found.name), name);
        QString all;
        for (const std::string &each : found.reasons)
            all += QString::fromStdString(each) + QLatin1Char('\n');
        QVERIFY2(all.contains(reason), qPrintable(all));
    }

    void coalescedAccessesAreNoFault()
    {
        for (const double sectors : {4.0, 16.0}) {
            const Bottleneck found = bottleneckOf(
                {{"sm_pct", 12}, {"memory_pct", 92}, {"dram_pct", 92}, {"load_sectors", sectors}});
            QCOMPARE(found.reasons.size(), size_t {1});
        }
    }

    void idleTimeAroundAKernelIsLeftOut()
    {
        Metrics metrics {
            {"duration_us", 95}, {"sm_active_cycles", 90e3}, {"sm_cycles", 180e3},    {"dram_pct", 25},
            {"sm_pct", 60},      {"issue_pct", 40},          {"dram_read_bytes", 64}, {"sm_busy_pct", 48}};
        leaveOutIdleEnds(metrics);
        QCOMPARE(metrics.at("duration_us"), 47.5);
        QCOMPARE(metrics.at("dram_pct"), 50.0);
        QCOMPARE(metrics.at("sm_pct"), 100.0);
        QCOMPARE(metrics.at("sm_busy_pct"), 96.0);
        QCOMPARE(metrics.at("issue_pct"), 40.0);
        QCOMPARE(metrics.at("dram_read_bytes"), 64.0);
        Metrics without {{"duration_us", 95}, {"sm_cycles", 0}, {"sm_active_cycles", 4}};
        leaveOutIdleEnds(without);
        QCOMPARE(without.at("duration_us"), 95.0);
    }

    void countersThatRanLongerThanThePlanAreToldOf()
    {
        const std::string told = remarkOnShortPlan({{"duration_us", 74.2}}, 49.7);
        QVERIFY2(told.find("74 µs") != std::string::npos && told.find("50 µs") != std::string::npos
                     && told.find("1.5 times") != std::string::npos,
                 told.c_str());
        QVERIFY(remarkOnShortPlan({{"duration_us", 415}}, 390).empty());
        QVERIFY(remarkOnShortPlan({{"duration_us", 74.2}}, 0).empty());
        QVERIFY(remarkOnShortPlan({{"sm_pct", 74.2}}, 10).empty());
    }

    void metricsHaveNamesOfTheirOwn()
    {
        std::set<std::string_view> names, counters;
        for (const ProfileMetric &metric : profileMetrics()) {
            QVERIFY(names.insert(metric.name).second);
            QVERIFY(counters.insert(metric.counter).second);
            QVERIFY(metric.scale > 0 && !metric.meaning.empty());
            QVERIFY(findProfileMetric(metric.name) == &metric);
        }
        QVERIFY(names.size() >= 28);
        QVERIFY(!findProfileMetric("no such metric"));
    }

    void aProfileReadsAsText()
    {
        const ProfileRecord profile {"CUPTI",   "4096",      {{"dram_pct", 81.25}, {"ipc", 1.5}},
                                     "latency", {"because"}, 9};
        const std::string text = profileText(profile);
        QVERIFY2(text.starts_with("bottleneck: latency\n- because\n"), text.c_str());
        QVERIFY2(text.find("dram_pct = 81.25 % (device memory)\n") != std::string::npos, text.c_str());
        QVERIFY2(text.find("ipc = 1.5 (instructions") != std::string::npos, text.c_str());
    }
};

QTEST_GUILESS_MAIN(TestBottleneck)
#include "tst_bottleneck.moc"
