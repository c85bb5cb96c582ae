// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/DeviceList.h"

#include "core/device/ChildMessagesJson.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include <poll.h>
#include <unistd.h>

namespace ww {

Result<std::vector<Capabilities>> listDevices(const Sandbox &sandbox, double seconds)
{
    using Clock = std::chrono::steady_clock;
    const char *what = "cannot list the devices";
    const char *remedy =
        "A driver may be broken: OpenCL lists its own in /etc/OpenCL/vendors, NVIDIA's shows with nvidia-smi";
    WW_TRY(SandboxedChild child, sandbox.start(ChildRole::List, {}, true));
    const auto end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::vector<Capabilities> devices;
    std::array<char, 256> host {};
    // Inside the sandbox the host has another name.
    if (::gethostname(host.data(), host.size() - 1) != 0)
        host.front() = '\0';
    for (bool open = true; open;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0)
            return failure(ErrorCode::Timeout, what,
                           fmt::format("the driver did not answer in {:g} s", seconds), remedy);
        pollfd entry {child.channel.fd(), POLLIN, 0};
        ::poll(&entry, 1, static_cast<int>(left));
        open = entry.revents == 0 || child.channel.fill().has_value();
        while (const auto frame = child.channel.next()) {
            WW_TRY(FromChild message, parseFromChild(frame->text));
            auto *ready = std::get_if<ReadyReply>(&message);
            if (!ready)
                continue;
            if (!ready->problem.empty())
                return failure(ErrorCode::NotFound, what, ready->problem);
            ready->device.host = host.data();
            ready->device.sandbox = sandbox.level();
            ready->device.sandboxNote = sandbox.note();
            devices.push_back(std::move(ready->device));
        }
    }
    if (devices.empty())
        return failure(ErrorCode::Infrastructure, what, "the process that asked the drivers died", remedy);
    return devices;
}

namespace {

/// Whether a device may be chosen at all when nobody named one, and before which others.
int rankOf(const Capabilities &device)
{
    return device.deviceKind == "gpu" ? 2 : device.deviceKind == "compiler" ? 0 : 1;
}

tl::unexpected<Error> noDevice(const std::vector<Capabilities> &devices, const std::string &spec)
{
    std::string names, why;
    for (const Capabilities &device : devices) {
        names += (names.empty() ? "" : ", ") + device.spec;
        if (device.deviceKind == "compiler")
            why = device.driver;
    }
    return failure(ErrorCode::NotFound,
                   spec.empty() ? std::string("there is no device to run kernels on")
                                : fmt::format("there is no device {}", spec),
                   why, fmt::format("What there is: {}", names));
}

} // namespace

Result<ChosenDevice> chooseDevice(const std::vector<Capabilities> &devices, const std::string &spec)
{
    auto chosen = devices.end();
    for (auto device = devices.begin(); device != devices.end(); ++device) {
        const bool wanted = spec.empty() ? rankOf(*device) > (chosen == devices.end() ? 0 : rankOf(*chosen))
                                         : device->spec == spec;
        if (wanted)
            chosen = device;
    }
    if (chosen == devices.end())
        return noDevice(devices, spec);
    ChosenDevice device;
    device.facts = *chosen;
    device.address = {chosen->platform, chosen->device, 0};
    device.address.ordinal =
        static_cast<int>(std::count_if(devices.begin(), chosen, [&](const Capabilities &other) {
            return other.platform == chosen->platform && other.device == chosen->device;
        }));
    return device;
}

} // namespace ww
