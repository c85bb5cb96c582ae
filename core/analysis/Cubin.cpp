// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/Cubin.h"

#include "core/base/Hash.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include <cxxabi.h>
#include <elf.h>

namespace ww {
namespace {

constexpr Elf64_Half kMachineCuda = 190;
constexpr size_t kInstructionBytes = 16;
/// Every block on sm_80 and later starts with this much that the system keeps; section sizes contain it
/// where the symbol .nv.reservedSmem.offset0 is present.
constexpr int64_t kReservedShared = 1024;
constexpr const char *kReservedSymbol = ".nv.reservedSmem.offset0";

enum InfoAttribute : uint8_t {
    kMaxThreads = 0x05,
    kFrameSize = 0x11,
    kRegisterCount = 0x2f,
    kBarriers = 0x4c,
};
constexpr uint16_t kLoadLocal = 0x983, kStoreLocal = 0x387;

tl::unexpected<Error> broken(const char *why)
{
    return failure(ErrorCode::BadInput, "cannot read the compiled program", why);
}

/// A value at an offset, if it lies within the bytes.
template <class T> std::optional<T> valueAt(std::string_view bytes, uint64_t offset)
{
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
        return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

struct Section {
    std::string name;
    Elf64_Shdr header {};
    std::string_view content; ///< empty for sections without bytes
};

/// The text that begins at an offset of a string table.
std::string nameAt(std::string_view table, uint64_t offset)
{
    if (offset >= table.size())
        return {};
    table.remove_prefix(offset);
    return std::string(table.substr(0, table.find('\0')));
}

Result<std::vector<Section>> sectionsOf(std::string_view bytes)
{
    const auto file = valueAt<Elf64_Ehdr>(bytes, 0);
    if (!file || std::memcmp(file->e_ident, ELFMAG, SELFMAG) != 0 || file->e_ident[EI_CLASS] != ELFCLASS64)
        return broken("it is no 64-bit ELF file");
    if (file->e_machine != kMachineCuda || file->e_shentsize != sizeof(Elf64_Shdr))
        return broken("it is not for CUDA");
    std::vector<Section> sections;
    for (uint64_t i = 0; i < file->e_shnum; ++i) {
        Section section;
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
    for (Section &section : sections)
        section.name = nameAt(names, section.header.sh_name);
    return sections;
}

struct Symbol {
    std::string name;
    Elf64_Sym entry {};
};

std::vector<Symbol> symbolsOf(const std::vector<Section> &sections)
{
    std::vector<Symbol> symbols;
    for (const Section &section : sections) {
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

/// One record of a .nv.info section: format 4 is followed by `value` bytes of payload, the others are not.
struct InfoRecord {
    uint8_t attribute = 0;
    uint16_t value = 0;
    std::string_view payload;
};

std::vector<InfoRecord> infoRecords(std::string_view content)
{
    constexpr uint8_t kWithPayload = 4;
    std::vector<InfoRecord> records;
    while (content.size() >= 4) {
        InfoRecord record;
        const auto format = static_cast<uint8_t>(content[0]);
        record.attribute = static_cast<uint8_t>(content[1]);
        record.value = *valueAt<uint16_t>(content, 2);
        content.remove_prefix(4);
        if (format == kWithPayload) {
            if (record.value > content.size())
                break;
            record.payload = content.substr(0, record.value);
            content.remove_prefix(record.value);
        }
        records.push_back(record);
    }
    return records;
}

void countInstructions(std::string_view code, CubinKernel &kernel)
{
    kernel.instructions = static_cast<int64_t>(code.size() / kInstructionBytes);
    for (size_t at = 0; at + kInstructionBytes <= code.size(); at += kInstructionBytes) {
        const auto opcode = static_cast<uint16_t>(*valueAt<uint16_t>(code, at) & 0xfffu);
        kernel.localLoads += opcode == kLoadLocal ? 1 : 0;
        kernel.localStores += opcode == kStoreLocal ? 1 : 0;
    }
}

class Reader {
public:
    explicit Reader(std::vector<Section> sections)
        : m_sections(std::move(sections)), m_symbols(symbolsOf(m_sections))
    {
    }

    CubinFacts read()
    {
        std::map<std::string, std::string_view> code;
        for (const Section &section : m_sections) {
            constexpr std::string_view kText = ".text.";
            if (!section.name.starts_with(kText))
                continue;
            const std::string name = section.name.substr(kText.size());
            code[name] = section.content;
            if (find(".nv.info." + name))
                m_facts.kernels.push_back(kernel(name, section.content));
        }
        std::string all;
        for (const auto &[name, bytes] : code)
            all.append(bytes);
        m_facts.codeHash = sha256Hex(all);
        readVariables();
        return std::move(m_facts);
    }

private:
    [[nodiscard]] const Section *find(std::string_view name) const
    {
        const auto found = std::find_if(m_sections.begin(), m_sections.end(),
                                        [name](const Section &section) { return section.name == name; });
        return found == m_sections.end() ? nullptr : &*found;
    }

    /// The figure that the program-wide records give this kernel, 0 when there is none.
    [[nodiscard]] int64_t figure(const std::string &kernel, uint8_t attribute) const
    {
        const Section *info = find(".nv.info");
        if (!info)
            return 0;
        for (const InfoRecord &record : infoRecords(info->content)) {
            const auto symbol = valueAt<uint32_t>(record.payload, 0);
            const auto value = valueAt<uint32_t>(record.payload, 4);
            if (record.attribute == attribute && symbol && value && *symbol < m_symbols.size()
                && m_symbols[*symbol].name == kernel)
                return *value;
        }
        return 0;
    }

    [[nodiscard]] CubinKernel kernel(const std::string &name, std::string_view code) const
    {
        CubinKernel kernel;
        kernel.symbol = name;
        kernel.registers = figure(name, kRegisterCount);
        kernel.stackBytes = figure(name, kFrameSize);
        if (const Section *shared = find(".nv.shared." + name)) {
            const bool reserves = std::any_of(m_symbols.begin(), m_symbols.end(), [](const Symbol &symbol) {
                return symbol.name == kReservedSymbol;
            });
            kernel.staticSharedBytes = std::max<int64_t>(
                0, static_cast<int64_t>(shared->header.sh_size) - (reserves ? kReservedShared : 0));
        }
        for (const InfoRecord &record : infoRecords(find(".nv.info." + name)->content)) {
            if (record.attribute == kBarriers)
                kernel.barriers = record.value & 0xff;
            if (record.attribute != kMaxThreads)
                continue;
            kernel.maxThreads = 1;
            for (uint64_t i = 0; i < 3; ++i)
                kernel.maxThreads *= valueAt<uint32_t>(record.payload, 4 * i).value_or(1);
        }
        countInstructions(code, kernel);
        return kernel;
    }

    void readVariables()
    {
        for (const Symbol &symbol : m_symbols) {
            if (ELF64_ST_TYPE(symbol.entry.st_info) != STT_OBJECT
                || symbol.entry.st_shndx >= m_sections.size() || symbol.entry.st_size == 0)
                continue;
            const std::string &home = m_sections[symbol.entry.st_shndx].name;
            if (home == ".nv.global" || home == ".nv.global.init")
                m_facts.variables.push_back({symbol.name, static_cast<int64_t>(symbol.entry.st_size)});
        }
    }

    std::vector<Section> m_sections;
    std::vector<Symbol> m_symbols;
    CubinFacts m_facts;
};

} // namespace

Result<CubinFacts> readCubin(std::string_view bytes)
{
    WW_TRY(std::vector<Section> sections, sectionsOf(bytes));
    CubinFacts facts = Reader(std::move(sections)).read();
    const uint32_t flags = valueAt<Elf64_Ehdr>(bytes, 0)->e_flags;
    facts.architecture = static_cast<int>((flags >> 8) & 0xffu);
    return facts;
}

std::string plainKernelName(const std::string &symbol)
{
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    if (status != 0 || !text)
        return symbol;
    std::string name = text.get();
    // "void n::scale<int>(int*)": the name ends where its template arguments or parameters begin.
    name.resize(std::min(name.find('('), name.size()));
    name.resize(std::min(name.find('<'), name.size()));
    const size_t start = name.find_last_of(" :");
    return start == std::string::npos ? name : name.substr(start + 1);
}

} // namespace ww
