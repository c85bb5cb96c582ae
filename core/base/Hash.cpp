// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Hash.h"

#include <openssl/evp.h>

#include <array>
#include <random>

namespace ww {
namespace {

std::string toHex(const unsigned char *bytes, size_t count)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(count * 2, '0');
    for (size_t i = 0; i < count; ++i) {
        text[2 * i] = kDigits[bytes[i] >> 4];
        text[2 * i + 1] = kDigits[bytes[i] & 15];
    }
    return text;
}

} // namespace

std::string sha256Hex(std::string_view bytes)
{
    std::array<unsigned char, 32> digest {};
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return toHex(digest.data(), digest.size());
}

std::string randomToken()
{
    std::random_device device;
    std::array<unsigned char, 16> bytes {};
    for (size_t i = 0; i < bytes.size(); i += 4) {
        const unsigned int word = device();
        for (size_t k = 0; k < 4; ++k)
            bytes[i + k] = static_cast<unsigned char>(word >> (8 * k));
    }
    return toHex(bytes.data(), bytes.size());
}

} // namespace ww
