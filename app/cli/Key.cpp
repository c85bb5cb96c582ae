// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "core/model/Keyring.h"

#include <array>
#include <csignal>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace ww::cli {
namespace {

/// Keeps the terminal from showing what is typed, while it lives; an interrupt gives the terminal back first.
/// One at a time.
class Unseen {
public:
    Unseen()
    {
        m_isTerminal = ::tcgetattr(STDIN_FILENO, &s_before) == 0;
        if (!m_isTerminal)
            return;
        for (const int signal : kEndings)
            std::signal(signal, giveBackAndEnd);
        termios hidden = s_before;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~Unseen()
    {
        if (!m_isTerminal)
            return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &s_before);
        for (const int signal : kEndings)
            std::signal(signal, SIG_DFL);
    }
    Unseen(const Unseen &) = delete;
    Unseen &operator=(const Unseen &) = delete;

private:
    static constexpr std::array kEndings {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    static void giveBackAndEnd(int)
    {
        ::tcsetattr(STDIN_FILENO, TCSANOW, &s_before);
        ::_exit(kInterrupted);
    }

    static inline termios s_before {}; ///< for the handler, which has no object
    bool m_isTerminal = false;
};

ModelKey readKey()
{
    if (::isatty(STDIN_FILENO) != 0)
        complain("key (not shown): ");
    ModelKey key;
    {
        const Unseen unseen;
        std::getline(std::cin, key.secret);
    }
    if (::isatty(STDIN_FILENO) != 0)
        complain("\n");
    while (!key.secret.empty() && key.secret.back() == '\r')
        key.secret.pop_back();
    return key;
}

int reported(const Status &status, const char *done, const std::string &name)
{
    if (!status)
        return reportError(status.error());
    say("{} '{}'\n", done, name);
    return kDone;
}

} // namespace

void addKey(CLI::App &app, int &status)
{
    const auto name = std::make_shared<std::string>();
    CLI::App *key = app.add_subcommand("key", "Keys of model endpoints, in the desktop's keyring");
    key->require_subcommand(1);
    const auto action = [&](const char *word, const char *help) {
        CLI::App *command = key->add_subcommand(word, help);
        command->add_option("NAME", *name, "What the key is called, as in --key NAME")->required();
        return command;
    };
    action("set", "Keep a key: asked for, or read from standard input; never an argument")
        ->callback([name, &status] { status = reported(putIntoKeyring(*name, readKey()), "kept", *name); });
    action("delete", "Remove a key")->callback([name, &status] {
        status = reported(removeFromKeyring(*name), "removed", *name);
    });
    action("check", "Say whether there is a key, without showing it")->callback([name, &status] {
        const Result<ModelKey> found = keyFromKeyring(*name);
        status = reported(found ? Status() : Status(tl::make_unexpected(found.error())), "the keyring holds",
                          *name);
    });
}

} // namespace ww::cli
