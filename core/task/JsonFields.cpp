// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/task/JsonFields.h"

#include "core/base/Utf8.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace ww {
namespace {

constexpr int kMaxNesting = 64;
/// Far more than any format of ours has; an ordered object looks each key up by walking all before it.
constexpr size_t kMaxKeys = 1000;
constexpr size_t kMaxReason = 300;
constexpr size_t kMaxKeyShown = 64;

tl::unexpected<Error> syntaxFault(std::string reason, std::string where = {})
{
    return failure(ErrorCode::BadInput, "cannot read the JSON", std::move(reason), {}, std::move(where));
}

/// Looks through a text before a document is made of it, and says why it must not be: too deep, a key
/// twice, too many keys. A pass of its own because the library's parse callback rescans every sibling at
/// each end of an object, which a stranger could make last for minutes.
class DocumentCheck : public nlohmann::json_sax<nlohmann::json> {
public:
    std::string reason; ///< set when the text is refused
    size_t errorByte = 0; ///< where the parser stopped on a syntax error
    std::string parserMessage; ///< what it said

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool string(string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool start_array(std::size_t) override { return enter(); }
    bool end_array() override { return leave(); }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool key(string_t &name) override
    {
        std::set<std::string> &keys = m_keys.back();
        if (keys.size() >= kMaxKeys)
            reason = fmt::format("an object has more than {} keys", kMaxKeys);
        else if (!keys.insert(name).second)
            reason = fmt::format("the key {} stands twice in one object", inQuotes(name));
        return reason.empty();
    }
    bool parse_error(std::size_t byte, const std::string &, const nlohmann::json::exception &error) override
    {
        errorByte = byte;
        parserMessage = error.what();
        return false;
    }

private:
    bool enter()
    {
        m_keys.emplace_back();
        if (m_keys.size() > size_t {kMaxNesting})
            reason = fmt::format("it is nested deeper than {} levels", kMaxNesting);
        return reason.empty();
    }
    bool leave()
    {
        m_keys.pop_back();
        return true;
    }

    std::vector<std::set<std::string>> m_keys; ///< of the open objects; an array's set stays empty
};

/// "line:column" of the last byte the parser took.
std::string placeOf(std::string_view text, size_t bytesRead)
{
    const std::string_view before = text.substr(0, bytesRead > 0 ? bytesRead - 1 : 0);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return fmt::format("{}:{}", line, before.size() - lineStart + 1);
}

/// The library's message without its own prefix and place.
std::string reasonOf(const char *message)
{
    std::string_view reason = message;
    if (const size_t end = reason.find("] "); end != std::string_view::npos)
        reason.remove_prefix(end + 2);
    if (const size_t column = reason.find(", column "); column != std::string_view::npos) {
        if (const size_t end = reason.find(": ", column); end != std::string_view::npos)
            reason.remove_prefix(end + 2);
    }
    return clipped(toValidUtf8(reason), kMaxReason);
}

/// Reads a text for the parser and counts what it took: the parser tells its place on a syntax error alone.
class CountingReader {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = char;

    CountingReader(const char *at, size_t &taken) : m_at(at), m_taken(&taken) { }
    char operator*() const { return *m_at; }
    CountingReader &operator++()
    {
        ++m_at;
        ++*m_taken;
        return *this;
    }
    bool operator==(const CountingReader &other) const { return m_at == other.m_at; }

private:
    const char *m_at;
    size_t *m_taken;
};

template <class Json> Result<Json> parseWith(std::string_view text)
{
    // The library takes NUL for the end of the text and would not look at what follows.
    if (const size_t nul = text.find('\0'); nul != std::string_view::npos)
        return syntaxFault("a NUL byte stands in the text", placeOf(text, nul + 1));
    DocumentCheck check;
    size_t taken = 0;
    const CountingReader begin(text.data(), taken), end(text.data() + text.size(), taken);
    if (!nlohmann::json::sax_parse(begin, end, &check)) {
        if (!check.reason.empty())
            return syntaxFault(check.reason, placeOf(text, taken));
        return syntaxFault(reasonOf(check.parserMessage.c_str()), placeOf(text, check.errorByte));
    }
    try {
        return Json::parse(text.begin(), text.end());
    } catch (const nlohmann::json::exception &error) {
        return syntaxFault(reasonOf(error.what()));
    }
}

bool nestedAtMost(const nlohmann::json &value, int levels)
{
    if (!value.is_structured())
        return true;
    return levels > 0 && std::all_of(value.begin(), value.end(), [levels](const nlohmann::json &child) {
               return nestedAtMost(child, levels - 1);
           });
}

} // namespace

Result<nlohmann::json> parseJson(std::string_view text)
{
    return parseWith<nlohmann::json>(text);
}

Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text)
{
    return parseWith<nlohmann::ordered_json>(text);
}

Status checkNesting(const nlohmann::json &document)
{
    if (nestedAtMost(document, kMaxNesting))
        return {};
    return syntaxFault(fmt::format("it is nested deeper than {} levels", kMaxNesting));
}

nlohmann::json jsonText(std::string_view text)
{
    return toValidUtf8(text);
}

tl::unexpected<Error> jsonFault(const std::string &path, std::string_view reason)
{
    return failure(ErrorCode::BadInput, "cannot read the JSON",
                   fmt::format("{}: {}", path.empty() ? "the document" : path, reason));
}

const char *readJson(const nlohmann::json &value, bool &out)
{
    if (!value.is_boolean())
        return "true or false";
    out = value.get<bool>();
    return nullptr;
}

const char *readJson(const nlohmann::json &value, int64_t &out)
{
    if (!value.is_number_integer()
        || (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t {INT64_MAX}))
        return "an integer of 64 bits";
    out = value.get<int64_t>();
    return nullptr;
}

const char *readJson(const nlohmann::json &value, int &out)
{
    int64_t wide = 0;
    if (readJson(value, wide) || wide < INT32_MIN || wide > INT32_MAX)
        return "an integer of 32 bits";
    out = static_cast<int>(wide);
    return nullptr;
}

const char *readJson(const nlohmann::json &value, uint64_t &out)
{
    if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<int64_t>() < 0))
        return "an integer from 0 to 2^64-1";
    out = value.get<uint64_t>();
    return nullptr;
}

const char *readJson(const nlohmann::json &value, double &out)
{
    if (!value.is_number())
        return "a number";
    out = value.get<double>();
    return nullptr;
}

const char *readJson(const nlohmann::json &value, std::string &out)
{
    if (!value.is_string())
        return "a string";
    out = value.get_ref<const std::string &>();
    return nullptr;
}

JsonFields::JsonFields(const nlohmann::json &object, std::string path)
    : m_object(object), m_path(std::move(path))
{
    if (!object.is_object())
        m_status = wrongType(m_path, "an object", object);
}

void JsonFields::field(const char *key, bool must, const ReadItem &read)
{
    if (const nlohmann::json *value = find(key, must))
        m_status = read(*value, pathTo(key));
}

void JsonFields::list(const char *key, bool must, const ReadItem &read)
{
    eachElement(find(key, must), key, read);
}

void JsonFields::members(const char *key, bool must, const ReadMember &read)
{
    eachMember(find(key, must), key, read);
}

void JsonFields::eachElement(const nlohmann::json *list, const char *key, const ReadItem &read)
{
    if (list && !list->is_array())
        m_status = wrongType(pathTo(key), "a list", *list);
    for (size_t i = 0; list && m_status && i < list->size(); ++i)
        m_status = read((*list)[i], pathTo(key, i));
}

void JsonFields::eachMember(const nlohmann::json *object, const char *key, const ReadMember &read)
{
    if (!object)
        return;
    if (!object->is_object()) {
        m_status = wrongType(pathTo(key), "an object", *object);
        return;
    }
    for (const auto &[name, item] : object->items()) {
        m_status = read(name, item, fmt::format("{}.{}", pathTo(key), clipped(name, kMaxKeyShown)));
        if (!m_status)
            return;
    }
}

Status JsonFields::wrongType(const std::string &path, const char *expected, const nlohmann::json &value)
{
    using Json = nlohmann::json;
    const std::string found = value.is_structured()
        ? std::string(value.is_array() ? "a list" : "an object")
        : inQuotes(value.dump(-1, ' ', false, Json::error_handler_t::replace));
    return jsonFault(path, fmt::format("must be {}, not {}", expected, found));
}

void JsonFields::refuse(std::string_view key, std::string_view reason)
{
    if (m_status)
        m_status = jsonFault(pathTo(key), reason);
}

Status JsonFields::finish() const
{
    return m_status;
}

Status JsonFields::finishStrictly()
{
    if (!m_status)
        return m_status;
    for (const auto &[key, value] : m_object.items()) {
        if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
            return jsonFault(m_path,
                             fmt::format("unknown key {}{}", inQuotes(key), didYouMean(key, m_known)));
    }
    return {};
}

const nlohmann::json *JsonFields::find(const char *key, bool must)
{
    m_known.emplace_back(key);
    if (!m_status)
        return nullptr;
    const auto found = m_object.find(key);
    if (found != m_object.end() && (must || !found->is_null()))
        return &*found;
    if (must)
        m_status = jsonFault(m_path, fmt::format("the key '{}' is missing", key));
    return nullptr;
}

std::string JsonFields::pathTo(std::string_view key) const
{
    if (key.empty())
        return m_path;
    return m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key);
}

std::string JsonFields::pathTo(std::string_view key, size_t element) const
{
    return fmt::format("{}[{}]", pathTo(key), element);
}

} // namespace ww
