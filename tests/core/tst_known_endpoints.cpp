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

    /// A session file's variable could otherwise write a pair of its own into the list.
    void aVariableIsNamedAsShellsNameThem_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("good");
        QTest::newRow("plain") << QByteArray("MY_KEY_2") << true;
        QTest::newRow("none") << QByteArray("") << true;
        QTest::newRow("two lines") << QByteArray("KEY\thttps://elsewhere.example.com\nX") << false;
        QTest::newRow("digit first") << QByteArray("2KEY") << false;
        QTest::newRow("the key itself") << QByteArray("sk-secret-0123456789") << false;
    }
    void aVariableIsNamedAsShellsNameThem()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const bool, good);
        const Result<Endpoint> checked =
            checkedEndpoint(endpoint("https://api.example.com/v1", name.constData()));
        QCOMPARE(checked.has_value(), good);
        if (!good) // it may be the key, which is shown nowhere
            QVERIFY(checked.error().message().find(name.toStdString()) == std::string::npos);
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
