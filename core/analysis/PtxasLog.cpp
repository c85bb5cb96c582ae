// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/PtxasLog.h"

#include <algorithm>
#include <charconv>

namespace ww {
namespace {

/// The number in front of `unit` in a line such as "528 bytes stack frame, 1024 bytes spill stores, …".
int64_t bytesBefore(std::string_view line, std::string_view unit)
{
    const size_t at = line.find(unit);
    if (at == std::string_view::npos)
        return 0;
    size_t begin = at;
    while (begin > 0 && line[begin - 1] == ' ')
        --begin;
    while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9')
        --begin;
    int64_t value = 0;
    std::from_chars(line.data() + begin, line.data() + at, value);
    return value;
}

} // namespace

PtxasLog readPtxasLog(std::string_view log)
{
    constexpr std::string_view kProperties = "Function properties for ";
    PtxasLog result;
    std::string kernel;
    while (!log.empty()) {
        const size_t end = std::min(log.find('\n'), log.size());
        const std::string_view line = log.substr(0, end);
        log.remove_prefix(std::min(end + 1, log.size()));
        const size_t properties = line.find(kProperties);
        if (properties != std::string_view::npos) {
            kernel = std::string(line.substr(properties + kProperties.size()));
        } else if (line.find(" bytes spill stores") != std::string_view::npos) {
            result.spills[kernel] = {bytesBefore(line, " bytes spill stores"),
                                     bytesBefore(line, " bytes spill loads")};
        } else if (line.find(" bytes smem") != std::string_view::npos) {
            result.staticSharedBytes = std::max(result.staticSharedBytes, bytesBefore(line, " bytes smem"));
        } else if (!line.starts_with("ptxas info") && !line.empty()) {
            result.rest += line;
            result.rest += '\n';
        }
    }
    return result;
}

} // namespace ww
