// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace ww {

/// A text that its copies share, for a long one that many values hold: it is never changed.
class SharedText {
public:
    SharedText() = default;
    SharedText(std::string text) : m_text(std::make_shared<const std::string>(std::move(text))) { }
    SharedText(const char *text) : SharedText(std::string(text)) { }

    [[nodiscard]] const std::string &get() const
    {
        static const std::string empty;
        return m_text ? *m_text : empty;
    }
    operator const std::string &() const { return get(); }
    [[nodiscard]] bool empty() const { return get().empty(); }
    [[nodiscard]] size_t size() const { return get().size(); }
    /// The same text; shared ones are not compared.
    bool operator==(const SharedText &other) const { return m_text == other.m_text || get() == other.get(); }

private:
    std::shared_ptr<const std::string> m_text;
};

} // namespace ww
