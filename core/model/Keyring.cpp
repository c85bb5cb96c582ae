// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Keyring.h"

#include "core/base/Paths.h"
#include "core/base/Subprocess.h"
#include "core/base/Utf8.h"
#include "core/model/KeyName.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>

#include <poll.h>
#include <unistd.h>

namespace ww {
namespace {

constexpr double kPatienceSeconds = 120;
constexpr int kLookMs = 50; ///< how often a stop request is looked for
constexpr size_t kMaxOutput = 64 << 10;

struct Outcome {
    int status = 0;
    std::string out;
    std::string err;
};

tl::unexpected<Error> noKeyring(std::string why)
{
    return failure(
        ErrorCode::Unsupported, "cannot use the keyring", std::move(why),
        "Put the key into an environment variable and name that with --key-variable, or log into a "
        "desktop with a keyring (gnome-keyring, KWallet)");
}

/// Reads what there is; false at the end.
bool drain(int fd, std::string &text)
{
    std::array<char, 4096> buffer {};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0 && text.size() < kMaxOutput)
        text.append(buffer.data(), static_cast<size_t>(got));
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

Result<Outcome> runProgram(const std::string &action, const std::string &name, const std::string &input,
                           const std::stop_token &stop)
{
    if (!isKeyName(name))
        // Not the name itself: somebody may have given the key in its place.
        return failure(ErrorCode::BadInput, "cannot use that name for a key",
                       "a name has 1 to 64 letters, digits, '.', '-' and '_'",
                       "Choose a short name; the key itself is asked for");
    const Result<std::string> program = findExecutable("warpwright-key");
    if (!program)
        return noKeyring("the program warpwright-key is not part of this build");
    SpawnOptions options;
    options.command = {*program, action, name};
    WW_TRY(Subprocess child, Subprocess::spawn(options));
    (void)writeAll(child.stdinFd(), input); // what it says tells more than a closed pipe
    child.closeStdin();
    Outcome outcome;
    std::array<pollfd, 2> ends {{{child.stdoutFd(), POLLIN, 0}, {child.stderrFd(), POLLIN, 0}}};
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(kPatienceSeconds);
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (stop.stop_requested())
            return failure(ErrorCode::Cancelled, "cannot use the keyring", "nobody waits for it any more");
        if (std::chrono::steady_clock::now() > end)
            return noKeyring("it did not answer within two minutes");
        if (::poll(ends.data(), ends.size(), kLookMs) <= 0)
            continue;
        if (ends[0].revents != 0 && !drain(ends[0].fd, outcome.out))
            ends[0].fd = -1;
        if (ends[1].revents != 0 && !drain(ends[1].fd, outcome.err))
            ends[1].fd = -1;
    }
    const std::optional<int> status = child.wait(5);
    if (!status)
        return noKeyring("warpwright-key does not end");
    outcome.status = *status;
    return outcome;
}

Result<Outcome> succeeded(const std::string &action, const std::string &name, const std::string &input = {},
                          const std::stop_token &stop = {})
{
    WW_TRY(Outcome outcome, runProgram(action, name, input, stop));
    if (outcome.status == 1)
        return failure(ErrorCode::NotFound, "there is no key for the model endpoint",
                       fmt::format("the keyring holds none named '{}'", name),
                       fmt::format("Put it there with 'warpwright-cli key set {}'", name));
    if (outcome.status != 0) {
        std::string why = toValidUtf8(outcome.err);
        while (!why.empty() && (why.back() == '\n' || why.back() == '.' || why.back() == ' '))
            why.pop_back();
        return noKeyring(why.empty() ? fmt::format("warpwright-key ended with {}", outcome.status)
                                     : withoutKey(clipped(why, 300), {input}));
    }
    return outcome;
}

} // namespace

Result<ModelKey> keyFromKeyring(const std::string &name, const std::stop_token &stop)
{
    WW_TRY(Outcome outcome, succeeded("get", name, {}, stop));
    return checkedKey({std::move(outcome.out)}, fmt::format("the keyring's '{}'", name));
}

Status putIntoKeyring(const std::string &name, const ModelKey &key, const std::stop_token &stop)
{
    WW_TRY(const ModelKey checked, checkedKey(key, "what was given"));
    WW_TRY([[maybe_unused]] const Outcome outcome, succeeded("set", name, checked.secret, stop));
    return {};
}

Status removeFromKeyring(const std::string &name)
{
    WW_TRY([[maybe_unused]] const Outcome outcome, succeeded("delete", name));
    return {};
}

} // namespace ww
