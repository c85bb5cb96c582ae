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

Result<Peaks> read(const std::string &path)
{
    WW_TRY(const std::string text, readTextFile(path, kMaxFileBytes));
    WW_TRY(const nlohmann::json document, parseJson(text));
    Peaks peaks;
    JsonFields fields(document, {});
    fields.required("peaks", peaks);
    WW_CHECK(fields.finish());
    for (const auto &[name, value] : peaks) {
        if (!(value > 0 && value < 1e9))
            return jsonFault(name, "is no peak");
    }
    return peaks;
}

} // namespace

Peaks loadPeaks(const Capabilities &device)
{
    const Result<std::string> path = pathFor(device);
    // A missing or damaged file means measuring once more.
    return path ? read(*path).value_or(Peaks {}) : Peaks {};
}

Status savePeaks(const Capabilities &device, const Peaks &peaks)
{
    WW_TRY(const std::string path, pathFor(device));
    const nlohmann::json document {
        {"device", jsonText(device.device)}, {"driver", jsonText(device.driver)}, {"peaks", peaks}};
    return writeFileAtomically(path, document.dump(2) + "\n");
}

} // namespace ww
