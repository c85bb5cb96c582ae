// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <elf.h>

namespace ww {

/// A value at an offset, if it lies within the bytes.
template <class T> std::optional<T> valueAt(std::string_view bytes, uint64_t offset)
{
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
        return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// A section of a cubin; `content` points into the cubin's bytes.
struct CubinSection {
    std::string name;
    Elf64_Shdr header {};
    std::string_view content; ///< empty for sections without bytes
};

struct CubinSymbol {
    std::string name;
    Elf64_Sym entry {};
};

/// The sections of a 64-bit ELF file for CUDA, in the order of its table. BadInput where it is none, or cut.
[[nodiscard]] Result<std::vector<CubinSection>> cubinSections(std::string_view bytes);

/// The symbols of the file, in the order of its table.
[[nodiscard]] std::vector<CubinSymbol> cubinSymbols(const std::vector<CubinSection> &sections);

} // namespace ww
