// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Base64.h"

#include <openssl/evp.h>

#include <limits>

namespace ww {
namespace {

const unsigned char *unsignedBytes(std::string_view bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

} // namespace

std::string toBase64(std::string_view bytes)
{
    // The library also writes a NUL behind the text.
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), unsignedBytes(bytes),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<size_t>(length));
    return text;
}

std::optional<std::string> fromBase64(std::string_view text)
{
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.empty())
        return std::string();
    const std::string_view letters = text.substr(0, text.find('='));
    const size_t padding = text.size() - letters.size();
    if (text.size() % 4 != 0 || padding > 2 || text.size() > std::numeric_limits<int>::max()
        || letters.find_first_not_of(kLetters) != std::string_view::npos
        || text.find_first_not_of('=', letters.size()) != std::string_view::npos)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()), unsignedBytes(text),
                        static_cast<int>(text.size()))
        < 0)
        return std::nullopt;
    // The library counts padding as zero bytes.
    bytes.resize(bytes.size() - padding);
    return bytes;
}

} // namespace ww
