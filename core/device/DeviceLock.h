// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/Cancellation.h"
#include "core/device/OwnedFd.h"
#include "core/worker/Messages.h"

#include "core/base/Result.h"

namespace ww {

/// Held while a worker times on a device, so that two workers on one machine never time at once. All CPU
/// devices share one lock: they are the same cores. The system releases it when the process ends.
class DeviceLock {
public:
    /// Waits for the lock, at most `seconds`. Cancelled or Timeout say that it was not had.
    [[nodiscard]] static Result<DeviceLock> acquire(const Capabilities &device, double seconds,
                                                    const Cancellation &cancellation);

    /// How long it was waited for.
    [[nodiscard]] double waitedSeconds() const { return m_waitedSeconds; }

private:
    OwnedFd m_file;
    double m_waitedSeconds = 0;
};

} // namespace ww
