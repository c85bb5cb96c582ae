// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/KnownEndpoints.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace ww;

class TestKnownEndpoints : public QObject {
    Q_OBJECT
private:
    QTemporaryDir m_data;

    static Endpoint endpoint(const char *url, const char *variable)
    {
        Endpoint made;
        made.url = url;
        made.keyVariable = variable;
        return made;
    }

private slots:
    void initTestCase() { qputenv("XDG_DATA_HOME", m_data.path().toUtf8()); }

    void onlyAPairThatWasNamedIsKnown()
    {
        const Endpoint mine = endpoint("https://api.example.com/v1", "MY_KEY");
        const Status before = checkKnownEndpoint(mine);
        QVERIFY(!before && before.error().code == ErrorCode::BadInput);
        QVERIFY(before.error().why.find("MY_KEY") != std::string::npos);
        QVERIFY(rememberEndpoint(mine));
        QVERIFY(rememberEndpoint(mine));
        QVERIFY(checkKnownEndpoint(mine));
        QVERIFY(!checkKnownEndpoint(endpoint("https://api.example.com/v1", "OTHER_KEY")));
        QVERIFY(!checkKnownEndpoint(endpoint("https://api.example.com", "MY_KEY")));
        QVERIFY(!checkKnownEndpoint(endpoint("https://elsewhere.example.com/v1", "MY_KEY")));
        QVERIFY(!checkKnownEndpoint(endpoint("https://api.example.com/v1", "KEY")));
        QVERIFY(rememberEndpoint(endpoint("https://elsewhere.example.com/v1", "MY_KEY")));
        QVERIFY(checkKnownEndpoint(endpoint("https://elsewhere.example.com/v1", "MY_KEY")));
        QVERIFY(checkKnownEndpoint(mine));
    }

    void whereNoKeyIsSentNothingIsAsked()
    {
        QVERIFY(checkKnownEndpoint(endpoint("http://127.0.0.1:8080/v1", "")));
    }

    void aListThatIsNoFileIsAnError()
    {
        QTemporaryDir other;
        qputenv("XDG_DATA_HOME", other.path().toUtf8());
        QVERIFY(QDir(other.path()).mkpath(QStringLiteral("warpwright/known-endpoints.txt")));
        QVERIFY(!checkKnownEndpoint(endpoint("https://api.example.com/v1", "MY_KEY")));
        QVERIFY(!rememberEndpoint(endpoint("https://api.example.com/v1", "MY_KEY")));
        qputenv("XDG_DATA_HOME", m_data.path().toUtf8());
    }
};

QTEST_APPLESS_MAIN(TestKnownEndpoints)
#include "tst_known_endpoints.moc"
