// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildEnvironment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include <sys/sysinfo.h>
#include <unistd.h>

namespace ww {
namespace {

/// Settings of drivers and loaders that a user may have made; everything else of the environment, keys
/// and tokens above all, stays outside.
constexpr std::array kKeptVariables {
    "OCL_ICD_VENDORS",        "OCL_ICD_FILENAMES",     "LD_LIBRARY_PATH",        "POCL_DEVICES",
    "POCL_MAX_PTHREAD_COUNT", "POCL_CPU_MAX_CU_COUNT", "POCL_WORK_GROUP_METHOD", "CUDA_VISIBLE_DEVICES"};

/// Variables of loaders, sanitizers and NVIDIA's tools; some of these tools call their own handshake a token.
constexpr std::array<std::string_view, 10> kToolPrefixes {"LD_",   "CUDA_",   "CUPTI_",     "NV_",    "NVTX_",
                                                          "NSYS_", "NVIDIA_", "SANITIZER_", "QUADD_", "OCL_"};
/// With which a word of a name ends that stands for a secret, or for a way to somebody who keeps them.
constexpr std::array<std::string_view, 16> kSecretWords {
    "KEY",      "KEYS", "TOKEN",       "TOKENS",     "SECRET", "SECRETS", "PASS",  "PASSWD",
    "PASSWORD", "AUTH", "CREDENTIALS", "CREDENTIAL", "COOKIE", "BEARER",  "AGENT", "DBUS"};
/// Too short for more than a whole word.
constexpr std::array<std::string_view, 2> kSecretShortWords {"PAT", "PWD"};
/// With which keys of well-known services begin.
constexpr std::array<std::string_view, 12> kSecretBegins {
    "sk-", "sk_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "AIza", "eyJ"};

template <size_t size>
bool beginsWithOneOf(std::string_view text, const std::array<std::string_view, size> &list)
{
    return std::any_of(list.begin(), list.end(),
                       [text](std::string_view one) { return text.starts_with(one); });
}

bool isSecretWord(std::string_view word)
{
    return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                       [word](std::string_view end) { return word.ends_with(end); })
        || std::find(kSecretShortWords.begin(), kSecretShortWords.end(), word) != kSecretShortWords.end();
}

bool namesSecret(std::string_view name)
{
    while (!name.empty()) {
        const size_t end = std::min(name.find('_'), name.size());
        if (isSecretWord(name.substr(0, end)))
            return true;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return false;
}

/// "https://user:password@proxy"
bool holdsPassword(std::string_view value)
{
    const size_t scheme = value.find("://");
    if (scheme == std::string_view::npos)
        return false;
    const std::string_view host = value.substr(scheme + 3);
    return host.substr(0, host.find('/')).find('@') != std::string_view::npos;
}

} // namespace

bool looksSecret(std::string_view variable)
{
    const size_t equals = std::min(variable.find('='), variable.size());
    std::string name(variable.substr(0, equals));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (beginsWithOneOf(name, kToolPrefixes) || name == "PWD") // the last is a folder
        return false;
    const std::string_view value = variable.substr(std::min(equals + 1, variable.size()));
    return namesSecret(name) || beginsWithOneOf(value, kSecretBegins) || holdsPassword(value);
}

std::vector<std::string> childEnvironment(const std::string &folder)
{
    std::vector<std::string> environment {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + folder,
                                          "TMPDIR=" + folder, "XDG_CACHE_HOME=" + folder,
                                          "POCL_CACHE_DIR=" + folder + "/pocl", "POCL_AFFINITY=1",
                                          // Each arena reserves 64 MiB of address space.
                                          "MALLOC_ARENA_MAX=2"};
    // One core is left for whatever else the machine does; with two there is none to spare.
    const int cores = ::get_nprocs();
    if (cores > 2 && !std::getenv("POCL_MAX_PTHREAD_COUNT") && !std::getenv("POCL_CPU_MAX_CU_COUNT")) {
        environment.push_back(fmt::format("POCL_MAX_PTHREAD_COUNT={}", cores - 1));
        environment.push_back(fmt::format("POCL_CPU_MAX_CU_COUNT={}", cores - 1));
    }
    for (const char *name : kKeptVariables) {
        if (const char *value = std::getenv(name))
            environment.push_back(fmt::format("{}={}", name, value));
    }
    return environment;
}

std::vector<std::string> openEnvironment()
{
    std::vector<std::string> environment;
    for (char **variable = environ; variable && *variable; ++variable) {
        if (!looksSecret(*variable))
            environment.emplace_back(*variable);
    }
    return environment;
}

} // namespace ww
