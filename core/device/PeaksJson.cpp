// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Peaks.h"

#include "core/base/Hash.h"
#include "core/base/Paths.h"
#include "core/task/JsonFields.h"

namespace ww {
namespace {

constexpr size_t kMaxFileBytes = 64u << 10;

Result<std::string> pathFor(const Capabilities &device)
{
    WW_TRY(const std::string folder, cacheDirectory());
    const std::string identity =
        device.backend + '\n' + device.platform + '\n' + device.device + '\n' + device.driver;
    return folder + "/peaks-" + sha256Hex(identity).substr(0, 16) + ".json";
}

Status read(const std::string &path, Capabilities &device)
{
    WW_TRY(const std::string text, readTextFile(path, kMaxFileBytes));
    WW_TRY(const nlohmann::json document, parseJson(text));
    Peaks peaks;
    double noiseFloor = 0;
    JsonFields fields(document, {});
    fields.required("peaks", peaks);
    fields.optional("noise_floor", noiseFloor);
    WW_CHECK(fields.finish());
    if (!(noiseFloor >= 0 && noiseFloor < 1))
        return jsonFault("noise_floor", "is no share");
    for (const auto &[name, value] : peaks) {
        if (!(value > 0 && value < 1e9))
            return jsonFault(name, "is no peak");
    }
    device.peaks = std::move(peaks);
    device.noiseFloor = noiseFloor;
    return {};
}

} // namespace

void loadMeasured(Capabilities &device)
{
    // A missing or damaged file means measuring once more.
    if (const Result<std::string> path = pathFor(device)) [[maybe_unused]]
        const Status done = read(*path, device);
}

Status saveMeasured(const Capabilities &device)
{
    WW_TRY(const std::string path, pathFor(device));
    const nlohmann::json document {{"device", jsonText(device.device)},
                                   {"driver", jsonText(device.driver)},
                                   {"peaks", device.peaks},
                                   {"noise_floor", device.noiseFloor}};
    return writeFileAtomically(path, document.dump(2) + "\n");
}

} // namespace ww
