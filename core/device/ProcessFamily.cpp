// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/ProcessFamily.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ww {
namespace {

struct ProcessFacts {
    pid_t pid = 0;
    char state = 0;
    pid_t parent = 0;
    pid_t group = 0;
    uint64_t threads = 0;
    uint64_t residentPages = 0;
};

bool readFacts(const char *pid, ProcessFacts &facts)
{
    const std::string path = std::string("/proc/") + pid + "/stat";
    char text[1024];
    std::FILE *file = std::fopen(path.c_str(), "re");
    if (!file)
        return false;
    const size_t count = std::fread(text, 1, sizeof text - 1, file);
    std::fclose(file);
    text[count] = '\0';
    // The name may hold anything, so the fields are counted from the last parenthesis.
    const char *fields = std::strrchr(text, ')');
    unsigned long long threads = 0, pages = 0;
    if (!fields
        || std::sscanf(
               fields + 1,
               " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %llu %*d %*u %*u %llu",
               &facts.state, &facts.parent, &facts.group, &threads, &pages)
            != 5)
        return false;
    facts.pid = static_cast<pid_t>(std::strtol(pid, nullptr, 10));
    facts.threads = threads;
    facts.residentPages = pages;
    return true;
}

/// Calls f(name) for each process's folder in /proc.
template <class F> void forEachProcess(F f)
{
    std::error_code code;
    for (std::filesystem::directory_iterator entry("/proc", code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (name.front() >= '1' && name.front() <= '9')
            f(name);
    }
}

} // namespace

FamilyFacts familyOf(pid_t root)
{
    std::vector<ProcessFacts> all;
    forEachProcess([&](const std::string &name) {
        ProcessFacts facts;
        if (readFacts(name.c_str(), facts) && facts.state != 'Z')
            all.push_back(facts);
    });
    std::set<pid_t> members {root};
    for (bool grew = true; grew;) {
        grew = false;
        for (const ProcessFacts &facts : all) {
            if (facts.group == root || members.contains(facts.parent))
                grew = members.insert(facts.pid).second || grew;
        }
    }
    static const auto pageBytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    FamilyFacts family;
    for (const ProcessFacts &facts : all) {
        if (!members.contains(facts.pid))
            continue;
        ++family.processes;
        family.tasks += facts.threads;
        family.residentBytes += facts.residentPages * pageBytes;
    }
    return family;
}

uint64_t tasksOfUser(uid_t user)
{
    uint64_t tasks = 0;
    forEachProcess([&](const std::string &name) {
        struct stat owner { };
        ProcessFacts facts;
        if (::stat(("/proc/" + name).c_str(), &owner) != 0)
            return;
        // A process that hides itself (non-dumpable) is root's in /proc; then its user is in status.
        if (owner.st_uid == 0) {
            std::ifstream status("/proc/" + name + "/status");
            for (std::string line; std::getline(status, line);) {
                if (line.starts_with("Uid:")) {
                    std::istringstream(line.substr(4)) >> owner.st_uid;
                    break;
                }
            }
        }
        if (owner.st_uid == user && readFacts(name.c_str(), facts))
            tasks += facts.threads;
    });
    return tasks;
}

void reapOrphans(const std::set<pid_t> &waitedFor)
{
    forEachProcess([&](const std::string &name) {
        ProcessFacts facts;
        if (readFacts(name.c_str(), facts) && facts.state == 'Z' && facts.parent == ::getpid()
            && !waitedFor.contains(facts.pid))
            ::waitpid(facts.pid, nullptr, WNOHANG);
    });
}

} // namespace ww
