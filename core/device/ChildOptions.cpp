// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ChildOptions.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace ww {
namespace {

constexpr std::array kRoles {"list", "probe", "compiler", "runner"};

tl::unexpected<Error> badArgument(const std::string &argument)
{
    return failure(ErrorCode::BadInput, "this mode is internal", fmt::format("cannot read '{}'", argument),
                   "Start the worker without --child");
}

template <class T> Status readNumber(const std::string &text, T &out)
{
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (code != std::errc() || end != text.data() + text.size())
        return badArgument(text);
    return {};
}

Status readRole(const std::string &text, ChildRole &role)
{
    for (size_t i = 0; i < kRoles.size(); ++i) {
        if (text == kRoles[i]) {
            role = static_cast<ChildRole>(i);
            return {};
        }
    }
    return badArgument(text);
}

/// Sets what a word without a value stands for; false when it is no such word.
bool readFlag(const std::string &name, JailPolicy &jail)
{
    const std::pair<const char *, bool *> flags[] {{"--landlock", &jail.landlock},
                                                   {"--seccomp", &jail.systemCalls},
                                                   {"--limits", &jail.limits},
                                                   {"--gpu", &jail.gpu}};
    for (const auto &[known, value] : flags) {
        if (name == known) {
            *value = true;
            return true;
        }
    }
    return false;
}

Status readOption(const std::string &name, const std::string &value, ChildOptions &options)
{
    JailPolicy &jail = options.jail;
    if (name == "--child")
        return readRole(value, options.role);
    if (name == "--ordinal")
        return readNumber(value, options.device.ordinal);
    if (name == "--address-space")
        return readNumber(value, jail.addressSpaceBytes);
    if (name == "--file-bytes")
        return readNumber(value, jail.fileBytes);
    if (name == "--tasks")
        return readNumber(value, jail.tasks);
    if (name == "--platform")
        options.device.platform = value;
    else if (name == "--name")
        options.device.name = value;
    else if (name == "--writable")
        jail.writable = value;
    else if (name == "--readable")
        jail.readable.push_back(value);
    else
        return badArgument(name);
    return {};
}

} // namespace

std::vector<std::string> childArguments(const ChildOptions &options)
{
    const JailPolicy &jail = options.jail;
    std::vector<std::string> arguments {"--child",         kRoles[static_cast<size_t>(options.role)],
                                        "--platform",      options.device.platform,
                                        "--name",          options.device.name,
                                        "--ordinal",       std::to_string(options.device.ordinal),
                                        "--writable",      jail.writable,
                                        "--address-space", std::to_string(jail.addressSpaceBytes),
                                        "--file-bytes",    std::to_string(jail.fileBytes),
                                        "--tasks",         std::to_string(jail.tasks)};
    for (const std::string &path : jail.readable)
        arguments.insert(arguments.end(), {"--readable", path});
    const auto flag = [&](bool on, const char *name) {
        if (on)
            arguments.emplace_back(name);
    };
    flag(jail.landlock, "--landlock");
    flag(jail.systemCalls, "--seccomp");
    flag(jail.limits, "--limits");
    flag(jail.gpu, "--gpu");
    return arguments;
}

Result<ChildOptions> parseChildArguments(const std::vector<std::string> &arguments)
{
    ChildOptions options;
    for (size_t i = 0; i < arguments.size(); ++i) {
        if (readFlag(arguments[i], options.jail))
            continue;
        if (i + 1 == arguments.size())
            return badArgument(arguments[i]);
        WW_CHECK(readOption(arguments[i], arguments[i + 1], options));
        ++i;
    }
    return options;
}

} // namespace ww
