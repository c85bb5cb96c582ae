// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/StoredRow.h"

#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <cstring>

namespace ww {

static_assert(std::endian::native == std::endian::little, "samples are stored as little-endian float32");

int64_t checksum(std::initializer_list<std::string_view> parts)
{
    uLong sum = crc32_z(0, nullptr, 0);
    for (const std::string_view part : parts)
        sum = crc32_z(sum, reinterpret_cast<const Bytef *>(part.data()), part.size());
    return static_cast<int64_t>(sum);
}

std::string_view bytesOf(const std::vector<float> &values)
{
    return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> samplesFrom(std::string_view bytes)
{
    std::vector<float> values(bytes.size() / sizeof(float));
    if (!values.empty())
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

std::string hashBytes(std::string_view hex)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (hex.size() != 64)
        return {};
    std::string bytes;
    for (size_t i = 0; i < hex.size(); i += 2) {
        const size_t high = kDigits.find(hex[i]), low = kDigits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            return {};
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

tl::unexpected<Error> damaged(const std::string &path, std::string why)
{
    return failure(ErrorCode::BadInput, fmt::format("cannot read {}", path), std::move(why),
                   "The file is damaged: use a backup, or recover it with 'sqlite3 FILE .recover'");
}

} // namespace ww
