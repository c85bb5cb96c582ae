// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Endpoint.h"

#include "core/model/Keyring.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <arpa/inet.h>

namespace ww {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

tl::unexpected<Error> refused(const std::string &why, const std::string &remedy)
{
    // Not the URL itself: a key may stand in it.
    return failure(ErrorCode::BadInput, "cannot use the model endpoint", why, remedy);
}

/// A part of the URL; empty where it has none.
std::string part(const Url &url, CURLUPart which)
{
    char *text = nullptr;
    if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK)
        return {};
    std::string found = text;
    curl_free(text);
    return found;
}

bool isLoopback(const std::string &host)
{
    in_addr address {}; // a name may begin with 127. as well
    const bool isAddress = inet_pton(AF_INET, host.c_str(), &address) == 1;
    return host == "localhost" || host == "[::1]" || (isAddress && ntohl(address.s_addr) >> 24 == 127);
}

/// Whether a shell could set a variable of that name: no blank, no line end, and no key by mistake.
bool isVariableName(const std::string &name)
{
    const auto fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return std::all_of(name.begin(), name.end(), fits) && (name.front() < '0' || name.front() > '9');
}

} // namespace

Result<Endpoint> checkedEndpoint(Endpoint endpoint)
{
    if (!endpoint.keyVariable.empty() && !isVariableName(endpoint.keyVariable))
        return refused("what is to name the variable with its key is no name of a variable",
                       "Put the key into an environment variable and give the variable's name, not the key");
    const Url url(curl_url(), &curl_url_cleanup);
    if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, endpoint.url.c_str(), 0);
        code != CURLUE_OK)
        return refused(fmt::format("its URL cannot be read: {}", curl_url_strerror(code)),
                       "Give the base address, for example https://api.example.com/v1");
    const std::string scheme = part(url, CURLUPART_SCHEME), host = part(url, CURLUPART_HOST);
    if (scheme != "https" && scheme != "http")
        return refused(fmt::format("'{}' is not a protocol it can be reached by", scheme), "Use https");
    if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty()
        || !part(url, CURLUPART_QUERY).empty() || !part(url, CURLUPART_FRAGMENT).empty())
        return refused("its URL holds more than protocol, host, port and path",
                       "Put the key into an environment variable and name that");
    if (scheme == "http" && !isLoopback(host) && !endpoint.allowPlainHttp)
        return refused(
            fmt::format("'{}' is another machine, and http would show it the key unencrypted", host),
            "Use https, or allow plain http if the network between is yours");
    endpoint.url = part(url, CURLUPART_URL);
    while (endpoint.url.ends_with('/'))
        endpoint.url.pop_back();
    return endpoint;
}

Result<ModelKey> keyOf(const Endpoint &endpoint, const std::stop_token &stop)
{
    const char *value = endpoint.keyVariable.empty() ? nullptr : std::getenv(endpoint.keyVariable.c_str());
    if (value && *value)
        return checkedKey({value}, endpoint.keyVariable);
    if (!endpoint.keyName.empty())
        return keyFromKeyring(endpoint.keyName, stop);
    if (endpoint.keyVariable.empty())
        return ModelKey {};
    return failure(ErrorCode::NotFound, "there is no key for the model endpoint",
                   fmt::format("the environment variable {} is not set", endpoint.keyVariable),
                   fmt::format("Set it: export {}=…", endpoint.keyVariable));
}

Result<ModelKey> checkedKey(ModelKey key, const std::string &place)
{
    const bool printable =
        std::all_of(key.secret.begin(), key.secret.end(), [](char c) { return c > ' ' && c < 127; });
    if (!printable || key.secret.empty())
        return failure(ErrorCode::BadInput, "cannot use the key for the model endpoint",
                       key.secret.empty()
                           ? fmt::format("{} is empty", place)
                           : fmt::format("{} holds a blank or a character that is not ASCII", place),
                       "Copy the key again, without quotes or line ends");
    return key;
}

std::string withoutKey(std::string text, const ModelKey &key)
{
    if (key.secret.empty())
        return text;
    for (size_t at = text.find(key.secret); at != std::string::npos; at = text.find(key.secret, at))
        text.replace(at, key.secret.size(), "[key]");
    return text;
}

} // namespace ww
