// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Command.h"
#include "core/base/ProcessStart.h"
#include "core/base/Version.h"

int main(int argc, char **argv)
{
    using namespace ww::cli;
    ww::prepareProcess();

    CLI::App app {"Warpwright: turns a correct GPU kernel into a fast one, and shows how."};
    app.name("warpwright-cli");
    app.set_version_flag("--version", ww::kProgramVersion);
    app.require_subcommand(1);
    int status = kDone;
    addDoctor(app, status);
    addTasks(app, status);
    addEvaluate(app, status);
    addCompare(app, status);
    addSearch(app, status);
    addSession(app, status);
    addAsk(app, status);
    addCode(app, status);
    addMemory(app, status);
    addAdapt(app, status);
    addKey(app, status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        // CLI11 only says that a subcommand is required, not that it does not know this one.
        const std::string word = argc > 1 ? argv[1] : "";
        if (!word.empty() && word.front() != '-'
            && app.get_subcommands([&](const CLI::App *known) { return known->get_name() == word; })
                   .empty()) {
            complain("error: there is no command '{}'; 'warpwright-cli --help' lists them\n", word);
            return kBadInput;
        }
        return app.exit(error) == 0 ? kDone : kBadInput;
    }
    return finishOutput(status);
}
