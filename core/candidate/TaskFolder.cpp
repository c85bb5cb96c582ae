// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Paths.h"
#include "core/base/Utf8.h"
#include "core/candidate/TaskAdmission.h"
#include "core/task/JsonFields.h"
#include "core/task/JsonPlaces.h"
#include "core/task/Names.h"
#include "core/task/TaskJson.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace ww {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTaskFile = 4u << 20;
constexpr size_t kMaxTextFile = 1u << 20;
constexpr size_t kMaxEntries = 10000;

/// File name extension of kernels in a language.
Result<std::string> extensionOf(std::string_view language)
{
    if (language == "opencl")
        return ".cl";
    if (language == "cuda")
        return ".cu";
    return failure(ErrorCode::Unsupported, "cannot load the task",
                   fmt::format("there are no kernels in the language {}", inQuotes(language)),
                   "Use opencl or cuda");
}

Result<KernelSource> readKernel(const fs::path &path)
{
    WW_TRY(std::string text, readTextFile(path.string(), kMaxTextFile));
    return KernelSource {path.stem().string(), path.string(), std::move(text)};
}

Result<KernelSource> readNeededKernel(const fs::path &folder, const std::string &name,
                                      const std::string &extension)
{
    Result<KernelSource> kernel = readKernel(folder / (name + extension));
    if (!kernel)
        kernel.error().remedy =
            fmt::format("A task needs reference{0} and baseline{0} beside its task.json", extension);
    return kernel;
}

/// The kernels of `folder`/variants by name; none when there is no such folder.
Result<std::vector<KernelSource>> readVariants(const fs::path &folder, const std::string &extension)
{
    const fs::path variants = folder / "variants";
    std::error_code error;
    if (!fs::exists(variants, error))
        return std::vector<KernelSource>();
    std::vector<fs::path> paths;
    size_t entries = 0;
    for (fs::directory_iterator it(variants, error), end; !error && it != end; it.increment(error)) {
        if (++entries > kMaxEntries)
            return failure(ErrorCode::BadInput, "cannot load " + variants.string(),
                           fmt::format("it has more than {} entries", kMaxEntries));
        const fs::path &path = it->path();
        // A leading dot marks what editors leave beside a file.
        if (path.extension() == extension && !path.filename().string().starts_with('.'))
            paths.push_back(path);
    }
    if (error)
        return failure(ErrorCode::Io, "cannot list " + variants.string(), error.message());
    std::sort(paths.begin(), paths.end());
    std::vector<KernelSource> kernels;
    for (const fs::path &path : paths) {
        WW_TRY(KernelSource kernel, readKernel(path));
        kernels.push_back(std::move(kernel));
    }
    return kernels;
}

/// A fault in the content of a task.json, with file and line: it begins with the place in the document.
Error located(Error error, const std::string &path, std::string_view text)
{
    const std::string_view place = std::string_view(error.why).substr(0, error.why.find(": "));
    error.what = "cannot load the task";
    error.where = fmt::format("{}:{}", path, lineOfPath(text, place));
    return error;
}

Result<std::string> readTaskText(const std::string &path)
{
    Result<std::string> text = readTextFile(path, kMaxTaskFile);
    if (!text)
        text.error().remedy = "Name a folder that holds a task.json";
    return text;
}

Result<Task> parseTaskText(const std::string &path, const std::string &text)
{
    const Result<nlohmann::ordered_json> document = parseOrderedJson(text);
    if (!document) {
        const Error &fault = document.error();
        return failure(fault.code, "cannot load the task", fault.why, fault.remedy,
                       fault.where.empty() ? path : fmt::format("{}:{}", path, fault.where));
    }
    Result<Task> task = taskFromFileJson(*document);
    if (!task)
        return tl::make_unexpected(located(task.error(), path, text));
    return task;
}

Result<std::string> readLesson(const fs::path &path)
{
    std::error_code error;
    if (!fs::exists(path, error))
        return std::string();
    WW_TRY(const std::string text, readTextFile(path.string(), kMaxTextFile));
    return toValidUtf8(text);
}

} // namespace

Result<Task> loadTask(const std::string &directory, std::string_view language)
{
    WW_TRY(const std::string extension, extensionOf(language));
    const fs::path folder(directory);
    const std::string taskFile = (folder / "task.json").string();
    WW_TRY(const std::string text, readTaskText(taskFile));
    WW_TRY(Task task, parseTaskText(taskFile, text));
    task.language = language;
    task.directory = directory;
    WW_TRY(task.reference, readNeededKernel(folder, "reference", extension));
    WW_TRY(task.baseline, readNeededKernel(folder, "baseline", extension));
    std::error_code missing;
    if (const fs::path library = folder / ("library" + extension); fs::exists(library, missing)) {
        WW_TRY(task.library, readKernel(library));
    }
    WW_TRY(task.variants, readVariants(folder, extension));
    WW_TRY(task.lesson, readLesson(folder / "README.md"));
    if (Status status = admitTask(task); !status) {
        return tl::make_unexpected(status.error().where.empty() ? located(status.error(), taskFile, text)
                                                                : status.error());
    }
    task.hash = taskHash(task);
    return task;
}

Result<TaskListing> listTasks(const std::string &root, std::string_view language)
{
    std::vector<std::string> folders;
    std::error_code error;
    size_t entries = 0;
    for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
        if (++entries > kMaxEntries)
            return failure(ErrorCode::BadInput, "cannot list the tasks in " + root,
                           fmt::format("it has more than {} entries", kMaxEntries));
        std::error_code unreadable;
        if (fs::exists(it->path() / "task.json", unreadable))
            folders.push_back(it->path().string());
    }
    if (error)
        return failure(error == std::errc::no_such_file_or_directory ? ErrorCode::NotFound : ErrorCode::Io,
                       "cannot list the tasks in " + root, error.message(),
                       "Name a folder whose subfolders hold a task.json");
    std::sort(folders.begin(), folders.end());
    TaskListing listing;
    for (const std::string &folder : folders) {
        if (Result<Task> task = loadTask(folder, language))
            listing.tasks.push_back(std::move(*task));
        else
            listing.problems.push_back(std::move(task.error()));
    }
    std::stable_sort(listing.tasks.begin(), listing.tasks.end(),
                     [](const Task &a, const Task &b) { return a.name < b.name; });
    return listing;
}

} // namespace ww
