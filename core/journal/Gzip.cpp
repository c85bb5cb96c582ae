// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/Gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace ww {
namespace {

constexpr size_t kChunk = 1 << 18;
constexpr int kGzipOnly = 16 + MAX_WBITS;

/// Ends the decompression with the scope.
struct Inflater {
    z_stream stream {};
    bool ready = inflateInit2(&stream, kGzipOnly) == Z_OK;
    ~Inflater()
    {
        if (ready)
            inflateEnd(&stream);
    }
};

tl::unexpected<Error> badGzip(std::string why, std::string remedy)
{
    return failure(ErrorCode::BadInput, "cannot decompress", std::move(why), std::move(remedy));
}

} // namespace

bool isGzip(std::string_view bytes)
{
    return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

Result<std::string> gunzip(std::string_view bytes, size_t limit)
{
    Inflater inflater;
    z_stream &stream = inflater.stream;
    if (!inflater.ready)
        return failure(ErrorCode::Internal, "cannot decompress", "zlib did not start");
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
    std::string text;
    for (int code = Z_OK; code != Z_STREAM_END;) {
        const size_t before = text.size();
        text.resize(before + kChunk);
        stream.next_out = reinterpret_cast<Bytef *>(text.data() + before);
        stream.avail_out = kChunk;
        code = inflate(&stream, Z_NO_FLUSH);
        text.resize(before + kChunk - stream.avail_out);
        if (text.size() > limit)
            return badGzip(fmt::format("its content is larger than {} bytes", limit),
                           "Check that it is the file you meant");
        if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0))
            return badGzip("the file is cut off", "Fetch it again");
        if (code != Z_OK && code != Z_STREAM_END)
            return badGzip(
                fmt::format("the file is damaged{}{}", stream.msg ? ": " : "", stream.msg ? stream.msg : ""),
                "Fetch it again");
    }
    return text;
}

} // namespace ww
