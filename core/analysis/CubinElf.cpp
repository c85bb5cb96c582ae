// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/CubinElf.h"

namespace ww {
namespace {

constexpr Elf64_Half kMachineCuda = 190;

tl::unexpected<Error> broken(const char *why)
{
    return failure(ErrorCode::BadInput, "cannot read the compiled program", why);
}

/// The text that begins at an offset of a string table.
std::string nameAt(std::string_view table, uint64_t offset)
{
    if (offset >= table.size())
        return {};
    table.remove_prefix(offset);
    return std::string(table.substr(0, table.find('\0')));
}

} // namespace

Result<std::vector<CubinSection>> cubinSections(std::string_view bytes)
{
    const auto file = valueAt<Elf64_Ehdr>(bytes, 0);
    if (!file || std::memcmp(file->e_ident, ELFMAG, SELFMAG) != 0 || file->e_ident[EI_CLASS] != ELFCLASS64)
        return broken("it is no 64-bit ELF file");
    if (file->e_machine != kMachineCuda || file->e_shentsize != sizeof(Elf64_Shdr))
        return broken("it is not for CUDA");
    std::vector<CubinSection> sections;
    for (uint64_t i = 0; i < file->e_shnum; ++i) {
        CubinSection section;
        const auto header = valueAt<Elf64_Shdr>(bytes, file->e_shoff + i * sizeof(Elf64_Shdr));
        if (!header)
            return broken("its section table is cut short");
        section.header = *header;
        if (header->sh_type != SHT_NOBITS && header->sh_type != SHT_NULL) {
            if (header->sh_offset > bytes.size() || header->sh_size > bytes.size() - header->sh_offset)
                return broken("a section lies outside the file");
            section.content = bytes.substr(header->sh_offset, header->sh_size);
        }
        sections.push_back(std::move(section));
    }
    if (file->e_shstrndx >= sections.size())
        return broken("its names are missing");
    const std::string_view names = sections[file->e_shstrndx].content;
    for (CubinSection &section : sections)
        section.name = nameAt(names, section.header.sh_name);
    return sections;
}

std::vector<CubinSymbol> cubinSymbols(const std::vector<CubinSection> &sections)
{
    std::vector<CubinSymbol> symbols;
    for (const CubinSection &section : sections) {
        if (section.header.sh_type != SHT_SYMTAB || section.header.sh_link >= sections.size())
            continue;
        const std::string_view names = sections[section.header.sh_link].content;
        for (size_t at = 0; at + sizeof(Elf64_Sym) <= section.content.size(); at += sizeof(Elf64_Sym)) {
            const auto entry = valueAt<Elf64_Sym>(section.content, at);
            symbols.push_back({nameAt(names, entry->st_name), *entry});
        }
    }
    return symbols;
}

} // namespace ww
