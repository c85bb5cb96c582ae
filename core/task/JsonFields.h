// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/task/Expression.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// Parses JSON from a stranger. Syntax errors, ill-formed UTF-8, nesting deeper than 64 and a key that
/// stands twice in one object are refused; `where` is "line:column" where there is one place to blame.
[[nodiscard]] Result<nlohmann::json> parseJson(std::string_view text);
/// parseJson() that keeps the order of keys.
[[nodiscard]] Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text);

/// Succeeds when the document is nested at most as deep as parseJson() allows: a guard for functions that
/// are handed a document and walk it recursively.
[[nodiscard]] Status checkNesting(const nlohmann::json &document);

/// `text` as a JSON string; ill-formed UTF-8 becomes U+FFFD, because dump() throws on it.
[[nodiscard]] nlohmann::json jsonText(std::string_view text);

/// The JSON form of a value: null on success, else what it had to be ("a string", …).
[[nodiscard]] const char *readJson(const nlohmann::json &value, bool &out);
[[nodiscard]] const char *readJson(const nlohmann::json &value, int &out);
[[nodiscard]] const char *readJson(const nlohmann::json &value, int64_t &out);
[[nodiscard]] const char *readJson(const nlohmann::json &value, uint64_t &out);
[[nodiscard]] const char *readJson(const nlohmann::json &value, double &out);
[[nodiscard]] const char *readJson(const nlohmann::json &value, std::string &out);
template <class T> [[nodiscard]] const char *readJson(const nlohmann::json &value, std::optional<T> &out)
{
    return readJson(value, out.emplace());
}

/// Reads the fields of one JSON object from a stranger. The first fault is kept and later reads do
/// nothing, so that a reader is a list of fields with one finish() at its end.
class JsonFields {
public:
    /// Reads an element of a list or a member of an object; `path` is its place ("workloads[2].axes").
    using ReadItem = std::function<Status(const nlohmann::json &value, const std::string &path)>;
    /// The same for a member whose key is data.
    using ReadMember =
        std::function<Status(const std::string &key, const nlohmann::json &value, const std::string &path)>;

    /// `object` must outlive the reader; `path` is empty for a whole document.
    JsonFields(const nlohmann::json &object, std::string path);

    /// A field that must be there.
    template <class T> void required(const char *key, T &out) { take(find(key, true), key, out); }
    /// A field that may be missing or null: `out` then stays as it is.
    template <class T> void optional(const char *key, T &out) { take(find(key, false), key, out); }

    /// A field that is an object or anything else `read` understands; optional unless `must`.
    void field(const char *key, bool must, const ReadItem &read);
    /// A list, element by element.
    void list(const char *key, bool must, const ReadItem &read);
    /// An object whose keys are names.
    void members(const char *key, bool must, const ReadMember &read);

    /// Records a fault of the caller's own, at `key` of this object (at the object itself when empty).
    void refuse(std::string_view key, std::string_view reason);

    /// The first fault, if any; keys that nobody asked for are ignored.
    [[nodiscard]] Status finish() const;
    /// As finish(), but a key that nobody asked for is a fault too.
    [[nodiscard]] Status finishStrictly();

private:
    template <class T> static Status readAt(const nlohmann::json &value, const std::string &path, T &out)
    {
        const char *expected = readJson(value, out);
        return expected ? wrongType(path, expected, value) : Status();
    }
    template <class T> void take(const nlohmann::json *value, const char *key, T &out)
    {
        if (value)
            m_status = readAt(*value, pathTo(key), out);
    }
    /// Without a path an element until one is at fault: timing records hold thousands of samples.
    template <class T> void take(const nlohmann::json *value, const char *key, std::vector<T> &out)
    {
        if (!value)
            return;
        if (!value->is_array()) {
            m_status = wrongType(pathTo(key), "a list", *value);
            return;
        }
        out.clear();
        out.reserve(value->size());
        for (const nlohmann::json &item : *value) {
            if (const char *expected = readJson(item, out.emplace_back())) {
                m_status = wrongType(pathTo(key, out.size() - 1), expected, item);
                return;
            }
        }
    }
    template <class T, class Less>
    void take(const nlohmann::json *value, const char *key, std::map<std::string, T, Less> &out)
    {
        out.clear();
        eachMember(value, key,
                   [&out](const std::string &name, const nlohmann::json &item, const std::string &path) {
                       return readAt(item, path, out[name]);
                   });
    }
    const nlohmann::json *find(const char *key, bool must);
    void eachElement(const nlohmann::json *list, const char *key, const ReadItem &read);
    void eachMember(const nlohmann::json *object, const char *key, const ReadMember &read);
    static Status wrongType(const std::string &path, const char *expected, const nlohmann::json &value);
    [[nodiscard]] std::string pathTo(std::string_view key) const;
    [[nodiscard]] std::string pathTo(std::string_view key, size_t element) const;

    const nlohmann::json &m_object;
    std::string m_path;
    std::vector<std::string> m_known;
    Status m_status;
};

/// The failure of a JSON reader at `path`: "path: reason".
[[nodiscard]] tl::unexpected<Error> jsonFault(const std::string &path, std::string_view reason);

} // namespace ww
