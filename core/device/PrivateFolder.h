// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/device/OwnedFd.h"

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace ww {

/// A folder of its own for a child, removed with everything in it when the owner goes. Its name holds
/// this process's number, so that what a killed worker left can be found and removed by the next one.
class PrivateFolder {
public:
    /// Made under $TMPDIR or /tmp with mode 0700, owned by `user` when this process may give it away.
    [[nodiscard]] static Result<PrivateFolder> create(uid_t user);

    PrivateFolder() = default;
    ~PrivateFolder();
    PrivateFolder(PrivateFolder &&other) noexcept { *this = std::move(other); }
    PrivateFolder &operator=(PrivateFolder &&other) noexcept;
    PrivateFolder(const PrivateFolder &) = delete;
    PrivateFolder &operator=(const PrivateFolder &) = delete;

    [[nodiscard]] const std::string &path() const { return m_path; }
    /// Bytes of the files in it; stops counting at `enough`.
    [[nodiscard]] uint64_t usedBytes(uint64_t enough) const;

private:
    std::string m_path;
    OwnedFd m_lock; ///< held while it is in use, also for those who do not see this process's number
};

/// Removes folders left behind by workers that no longer run.
void removeAbandonedFolders();
/// Removes all folders of this process: for one that is about to end without destroying what it has.
void removeOwnFolders();

} // namespace ww
