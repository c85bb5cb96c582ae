// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ServerSentEvents.h"

#include <QTest>

using namespace ww;

namespace {

/// "type=data|type=data" of all events of a stream that comes in pieces of so many bytes.
QByteArray eventsOf(const QByteArray &stream, qsizetype pieces)
{
    ServerSentEvents events(1000);
    QByteArrayList found;
    for (qsizetype at = 0; at < stream.size(); at += pieces) {
        const QByteArray piece = stream.mid(at, pieces);
        if (!events.add({piece.constData(), static_cast<size_t>(piece.size())}))
            return "fault";
    }
    events.finish();
    while (const auto event = events.next())
        found << QByteArray::fromStdString(event->type) + '=' + QByteArray::fromStdString(event->data);
    return found.join('|');
}

} // namespace

class ServerSentEventsTest : public QObject {
    Q_OBJECT

private slots:
    void splitsAStreamWhateverItsPieces_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<QByteArray>("events");
        const auto row = [](const char *name, const QByteArray &stream, const char *events) {
            QTest::newRow(name) << stream << QByteArray(events);
        };
        row("line feeds", "data: a\n\ndata: b\n\n", "message=a|message=b");
        row("returns", "data: a\r\rdata: b\r\r", "message=a|message=b");
        row("both", "data: a\r\n\r\ndata: b\r\n\r\n", "message=a|message=b");
        row("named", "event: ping\ndata: {}\n\n", "ping={}");
        row("a name holds for one event", "event: x\ndata: 1\n\ndata: 2\n\n", "x=1|message=2");
        row("several lines", "data: a\ndata:\ndata: c\n\n", "message=a\n\nc");
        row("only the first blank goes", "data:  a\n\n", "message= a");
        row("no blank", "data:a\n\n", "message=a");
        row("comments and unknown fields", ": keep\n:\nretry: 5\nid: 7\nx\ndata: a\n\n", "message=a");
        row("no data", "event: x\n\n\n\n", "");
        row("empty data", "data:\n\n", "message=");
        row("cut off behind its line", "data: a\n", "message=a");
        row("cut off within its line", "data: a", "message=a");
        row("byte order mark",
            "\xEF\xBB\xBF"
            "data: a\n\n",
            "message=a");
        row("several bytes a character", "data: \xC3\xA4\xE2\x82\xAC\n\n", "message=\xC3\xA4\xE2\x82\xAC");
        row("too long", "data: " + QByteArray(1000, 'x') + "\n\n", "fault");
        row("too long by many lines", QByteArray("data: 0123456789\n").repeated(100), "fault");
    }
    void splitsAStreamWhateverItsPieces()
    {
        QFETCH(const QByteArray, stream);
        QFETCH(const QByteArray, events);
        for (const qsizetype pieces : {1, 2, 3, 7, 100000})
            QCOMPARE(eventsOf(stream, pieces), events);
    }
};

QTEST_GUILESS_MAIN(ServerSentEventsTest)
#include "tst_server_sent_events.moc"
