// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/cuda/Nvrtc.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ww {

/// The toolkit's headers as NVRTC has read them, kept in files of the compiler child's own folder. A file is
/// made from the names of the headers alone, never from a candidate's text, and it lives and dies with the
/// child; NVRTC itself refuses one that does not fit the source's first lines and the options.
class PrecompiledHeaders {
public:
    /// Files go into the folder that $TMPDIR names; without one nothing is kept.
    explicit PrecompiledHeaders(const Nvrtc &nvrtc);

    /// The options with which a source that begins with these headers is compiled sooner; none at their first
    /// use, since making the file takes longer than reading the headers once, and where it cannot be made.
    [[nodiscard]] std::vector<std::string> optionsFor(const std::vector<std::string> &headers,
                                                      const std::vector<std::string> &options);
    /// Never again: NVRTC could not read the file.
    void giveUp(const std::vector<std::string> &headers);

private:
    struct Kept {
        int uses = 0;
        bool impossible = false;
        std::string file; ///< empty while there is none
        uint64_t bytes = 0;
    };
    void make(Kept &kept, const std::vector<std::string> &headers, const std::vector<std::string> &options);
    void makeRoom();

    const Nvrtc &m_nvrtc;
    std::string m_folder;
    int m_made = 0;
    std::map<std::vector<std::string>, Kept> m_kept;
};

} // namespace ww
