// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/EventReader.h"

#include "core/base/Hash.h"
#include "core/journal/EventJson.h"
#include "core/journal/StoredRow.h"

#include <fmt/format.h>

namespace ww {
Status EventReader::readAll(int64_t after, const std::function<Status(Event)> &take)
{
    WW_TRY(SqlStatement events,
           m_connection.prepare(
               "SELECT seq, time, kind, body, \"check\" FROM event WHERE seq > ?1 ORDER BY seq"));
    WW_TRY(m_text, m_connection.prepare("SELECT data FROM text WHERE hash = ?1"));
    WW_TRY(m_samples, m_connection.prepare("SELECT place, data, \"check\" FROM samples WHERE event = ?1"));
    events.bind(1, after);
    for (int64_t expected = after + 1;; ++expected) {
        WW_TRY(const bool row, events.step());
        if (!row)
            return {};
        if (events.integer(0) != expected)
            return damaged(m_path, fmt::format("event {} is missing", expected));
        WW_TRY(Event event, read(events));
        WW_CHECK(take(std::move(event)));
    }
}

Result<Event> EventReader::read(const SqlStatement &row)
{
    Event event {row.integer(0), row.real(1), {}};
    const std::string_view kind = row.bytes(2), body = row.bytes(3);
    if (checksum({bytesOf(event.seq), bytesOf(event.time), kind, body}) != row.integer(4))
        return damaged(m_path, fmt::format("event {} was changed after it was written", event.seq));
    EventAttachments attachments;
    attachments.text = [this](const std::string &hash) { return text(hash); };
    WW_TRY(attachments.samples, samples(event.seq));
    Result<EventBody> unpacked = unpackEvent(kind, body, std::move(attachments));
    if (!unpacked)
        return damaged(m_path, fmt::format("event {}: {}", event.seq, unpacked.error().message()));
    event.body = std::move(*unpacked);
    return event;
}

Result<std::string> EventReader::text(const std::string &hash)
{
    const std::string key = hashBytes(hash);
    m_text->reset();
    m_text->bindBlob(1, key);
    WW_TRY(const bool row, m_text->step());
    if (!row)
        return failure(ErrorCode::BadInput, fmt::format("the text {:.12} is missing", hash));
    std::string data(m_text->bytes(0));
    m_text->reset(); // its key must not outlive this function
    m_textBytes += data.size();
    if (m_textBytes > m_mostText)
        return failure(ErrorCode::BadInput, fmt::format("its texts take more than {} bytes", m_mostText));
    if (m_intact.insert(hash).second && sha256Hex(data) != hash)
        return failure(ErrorCode::BadInput, fmt::format("the text {:.12} was changed", hash));
    return data;
}

Result<std::map<int, std::vector<float>>> EventReader::samples(int64_t event)
{
    std::map<int, std::vector<float>> all;
    m_samples->reset();
    m_samples->bind(1, event);
    for (;;) {
        WW_TRY(const bool row, m_samples->step());
        if (!row)
            return all;
        const int64_t place = m_samples->integer(0);
        const std::string_view data = m_samples->bytes(1);
        if (checksum({bytesOf(event), bytesOf(place), data}) != m_samples->integer(2)
            || data.size() % sizeof(float) != 0)
            return damaged(m_path, fmt::format("the samples of event {} were changed", event));
        all[static_cast<int>(place)] = samplesFrom(data);
    }
}

} // namespace ww
