// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Subprocess.h"
#include "core/device/Channel.h"
#include "core/device/ChildOptions.h"
#include "core/device/PrivateFolder.h"

#include <optional>
#include <string>
#include <string_view>

namespace ww {

/// Which walls to build: the best there is, or one kind to test it.
enum class SandboxChoice { Auto, Bwrap, Landlock, None };
[[nodiscard]] std::optional<SandboxChoice> sandboxChoiceFromName(std::string_view name);

/// "bwrap+landlock+seccomp", "landlock+seccomp", "rlimits", "none": what Capabilities carry.
[[nodiscard]] std::string sandboxLevelName(bool bwrap, const JailReport &jail);

/// A child that has been started and can be talked to.
struct SandboxedChild {
    Subprocess process;
    Channel channel;
    PrivateFolder folder; ///< where there is no private tmpfs
};

/// How children are confined on this machine: bubblewrap (own namespaces, an empty root with the
/// system's folders read-only, a private size-limited /tmp) where it works, and in the child itself
/// Landlock, seccomp and rlimits. A worker that runs as root starts its children as another user.
class Sandbox {
public:
    /// Tries the walls by starting real children in them. Never fails: what is missing is in note().
    [[nodiscard]] static Sandbox probe(SandboxChoice choice);

    /// Looks whether the driver of a graphics device starts within the walls, and leaves the system call filter
    /// away where it is the filter that it does not start in; level() and note() then say so.
    void fitTo(const DeviceAddress &device);

    [[nodiscard]] const std::string &level() const { return m_level; }
    /// What could not be applied, and how to get it; empty when all is in force.
    [[nodiscard]] const std::string &note() const { return m_note; }
    /// True when a child can neither read the user's files nor write outside its folder.
    [[nodiscard]] bool confines() const { return m_bwrap || m_jail.landlock; }
    /// Asked for by name: the user knows that there are no walls.
    [[nodiscard]] bool waived() const { return m_waived; }

    /// Starts a child. `gpu` lets it see the device nodes of graphics drivers.
    [[nodiscard]] Result<SandboxedChild> start(ChildRole role, const DeviceAddress &device, bool gpu) const;

    /// A child in landlock-only confinement may fill its folder: the most it may hold.
    static constexpr uint64_t kFolderBytes = 256u << 20;

private:
    [[nodiscard]] std::string tryWalls();
    bool m_bwrap = false;
    bool m_waived = false;
    uid_t m_user = 0; ///< whom children run as
    JailPolicy m_jail;
    bool m_filtersGpu = true; ///< graphics drivers start under the system call filter
    std::string m_level = "none";
    std::string m_note;
};

} // namespace ww
