// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/journal/TemporaryCopy.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <stdlib.h>

namespace ww {

namespace fs = std::filesystem;

Result<std::unique_ptr<TemporaryCopy>> TemporaryCopy::make(const std::string &path)
{
    const std::string what = fmt::format("cannot copy {} for reading", path);
    std::error_code error;
    std::string folder = (fs::temp_directory_path(error) / "warpwright-XXXXXX").string();
    if (error || !::mkdtemp(folder.data()))
        return failure(ErrorCode::Io, what, error ? error.message() : std::strerror(errno),
                       "Set TMPDIR to a folder that you can write");
    std::unique_ptr<TemporaryCopy> copy(new TemporaryCopy(folder));
    fs::copy_file(path, copy->path(), error);
    if (!error)
        fs::copy_file(path + "-wal", copy->path() + "-wal", error);
    // copy_file() keeps the mode, which may be read-only.
    for (const char *suffix : {"", "-wal"}) {
        if (!error)
            fs::permissions(copy->path() + suffix, fs::perms::owner_read | fs::perms::owner_write, error);
    }
    if (error)
        return failure(ErrorCode::Io, what, error.message(),
                       "Copy the session to a folder that you can write");
    return copy;
}

TemporaryCopy::~TemporaryCopy()
{
    std::error_code ignored; // a leftover in the temporary folder harms nobody
    fs::remove_all(m_folder, ignored);
}

} // namespace ww
