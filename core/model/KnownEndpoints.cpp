// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/KnownEndpoints.h"

#include "core/base/Paths.h"

#include <fmt/format.h>

#include <filesystem>

namespace ww {
namespace {

Result<std::string> listPath()
{
    WW_TRY(const std::string data, dataDirectory());
    return data + "/known-endpoints.txt";
}

Result<std::string> readList(const std::string &path)
{
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? readTextFile(path, 1u << 20) : std::string();
}

std::string lineOf(const Endpoint &endpoint)
{
    return fmt::format("{}\t{}\n", endpoint.keyVariable, endpoint.url);
}

bool holds(const std::string &list, const std::string &line)
{
    return list.starts_with(line) || list.find("\n" + line) != std::string::npos;
}

} // namespace

Status rememberEndpoint(const Endpoint &endpoint)
{
    if (endpoint.keyVariable.empty())
        return {};
    WW_TRY(const std::string path, listPath());
    WW_TRY(const std::string list, readList(path));
    const std::string line = lineOf(endpoint);
    return holds(list, line) ? Status() : writeFileAtomically(path, list + line);
}

Status checkKnownEndpoint(const Endpoint &endpoint)
{
    if (endpoint.keyVariable.empty())
        return {};
    WW_TRY(const std::string path, listPath());
    WW_TRY(const std::string list, readList(path));
    if (holds(list, lineOf(endpoint)))
        return {};
    return failure(
        ErrorCode::BadInput, "cannot ask this session's model",
        fmt::format("the session file would have the key in {} sent to {}, which you have not named yet",
                    endpoint.keyVariable, endpoint.url),
        fmt::format("If you trust that address: resume with --endpoint {}, or save it in the window's model "
                    "settings",
                    endpoint.url));
}

} // namespace ww
