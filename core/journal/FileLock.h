// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <memory>
#include <string>

namespace ww {

/// The right to write one file, held by an advisory lock on "<file>.lock" that vanishes with the process.
class FileLock {
public:
    /// Fails at once, naming process and host of the holder, when the file is taken.
    [[nodiscard]] static Result<std::unique_ptr<FileLock>> acquire(const std::string &file);
    ~FileLock(); ///< removes the lock file
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;

private:
    FileLock(std::string path, int fd) : m_path(std::move(path)), m_fd(fd) { }
    std::string m_path;
    int m_fd;
};

} // namespace ww
