// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <memory>
#include <string>

namespace ww {

/// A private copy of an SQLite file with its write-ahead log, for reading one that lies in a folder
/// that cannot be written. Gone with the object.
class TemporaryCopy {
public:
    [[nodiscard]] static Result<std::unique_ptr<TemporaryCopy>> make(const std::string &path);
    ~TemporaryCopy();
    TemporaryCopy(const TemporaryCopy &) = delete;
    TemporaryCopy &operator=(const TemporaryCopy &) = delete;

    /// The copy of the file; its log lies beside it.
    [[nodiscard]] std::string path() const { return m_folder + "/session"; }

private:
    explicit TemporaryCopy(std::string folder) : m_folder(std::move(folder)) { }
    std::string m_folder;
};

} // namespace ww
