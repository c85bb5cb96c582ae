// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

namespace ww {

/// Keeps values by key within a bound on bytes and on entries; the least recently used go first.
template <class T> class LruCache {
public:
    LruCache(size_t mostBytes, size_t mostEntries) : m_mostBytes(mostBytes), m_mostEntries(mostEntries) { }

    /// The value, now the most recent; null when it is not there.
    [[nodiscard]] std::shared_ptr<const T> find(const std::string &key)
    {
        for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
            if (entry->key != key)
                continue;
            m_entries.splice(m_entries.begin(), m_entries, entry);
            return m_entries.front().value;
        }
        return nullptr;
    }

    /// Keeps the value under a key that is not there yet. One larger than the bound is kept alone.
    void keep(const std::string &key, std::shared_ptr<const T> value, size_t bytes)
    {
        m_entries.push_front({key, std::move(value), bytes});
        m_bytes += bytes;
        while (m_entries.size() > 1 && (m_bytes > m_mostBytes || m_entries.size() > m_mostEntries)) {
            m_bytes -= m_entries.back().bytes;
            m_entries.pop_back();
        }
    }

private:
    struct Entry {
        std::string key;
        std::shared_ptr<const T> value;
        size_t bytes;
    };
    std::list<Entry> m_entries;
    size_t m_mostBytes, m_mostEntries;
    size_t m_bytes = 0;
};

} // namespace ww
