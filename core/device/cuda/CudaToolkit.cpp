// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaToolkit.h"

#include <filesystem>
#include <functional>
#include <set>

namespace ww {
namespace {

namespace fs = std::filesystem;

} // namespace

std::vector<std::string> toolkitFolders()
{
    std::vector<std::string> folders;
    std::error_code code;
    for (const char *usual : {"/usr/local/cuda", "/opt/cuda"}) {
        if (fs::is_directory(usual, code))
            folders.emplace_back(usual);
    }
    std::set<std::string, std::greater<>> releases;
    for (fs::directory_iterator entry("/usr/local", code), end; !code && entry != end;
         entry.increment(code)) {
        if (entry->path().filename().string().starts_with("cuda-"))
            releases.insert(entry->path().string());
    }
    folders.insert(folders.end(), releases.begin(), releases.end());
    return folders;
}

std::vector<std::string> toolkitLibraries(const std::vector<std::string> &names)
{
    std::vector<std::string> paths;
    for (const std::string &folder : toolkitFolders()) {
        for (const char *place : {"/lib64/", "/lib/", "/extras/CUPTI/lib64/"}) {
            for (const std::string &name : names)
                paths.push_back(folder + place + name);
        }
    }
    paths.insert(paths.end(), names.begin(), names.end());
    return paths;
}

} // namespace ww
