// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/PrecompiledHeaders.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace ww {
namespace {

namespace fs = std::filesystem;

/// What there may be before another is made: the largest seen takes 140 MB, and the folder 256 MiB
/// (Sandbox::kFolderBytes).
constexpr uint64_t kMostBytesBefore = uint64_t {96} << 20;
constexpr size_t kMostCounted = 64;

} // namespace

PrecompiledHeaders::PrecompiledHeaders(const Nvrtc &nvrtc) : m_nvrtc(nvrtc)
{
    // A file that grows too large ends that one attempt, not the child.
    std::signal(SIGXFSZ, SIG_IGN);
    const char *folder = std::getenv("TMPDIR");
    m_folder = folder ? folder : "";
}

std::vector<std::string> PrecompiledHeaders::optionsFor(const std::vector<std::string> &headers,
                                                        const std::vector<std::string> &options)
{
    if (headers.empty() || m_folder.empty() || (m_kept.size() >= kMostCounted && !m_kept.contains(headers)))
        return {};
    Kept &kept = m_kept[headers];
    if (++kept.uses > 1 && !kept.impossible && kept.file.empty())
        make(kept, headers, options);
    if (kept.file.empty())
        return {};
    return {"--use-pch=" + kept.file, "--pch-messages=false"};
}

void PrecompiledHeaders::giveUp(const std::vector<std::string> &headers)
{
    Kept &kept = m_kept[headers];
    std::error_code ignored;
    fs::remove(kept.file, ignored);
    kept = {0, true, {}, 0};
}

void PrecompiledHeaders::make(Kept &kept, const std::vector<std::string> &headers,
                              const std::vector<std::string> &options)
{
    makeRoom();
    const std::string file = fmt::format("{}/headers{}.pch", m_folder, m_made++);
    std::string source;
    for (const std::string &header : headers)
        source += fmt::format("#include <{}>\n", header);
    std::vector<std::string> all = options;
    all.insert(all.end(), {"--create-pch=" + file, "--pch-messages=false"});
    const Nvrtc::Output output = m_nvrtc.compile(source, all);
    std::error_code code;
    const uintmax_t bytes = fs::file_size(file, code);
    if (output.status != NVRTC_SUCCESS || code) {
        fs::remove(file, code);
        kept.impossible = true;
        return;
    }
    kept.file = file;
    kept.bytes = bytes;
}

/// Drops all files once they are many: they are soon made again.
void PrecompiledHeaders::makeRoom()
{
    uint64_t bytes = 0;
    for (const auto &[headers, kept] : m_kept)
        bytes += kept.bytes;
    if (bytes <= kMostBytesBefore)
        return;
    for (auto &[headers, kept] : m_kept) {
        std::error_code ignored;
        fs::remove(kept.file, ignored);
        kept = {0, kept.impossible, {}, 0};
    }
}

} // namespace ww
