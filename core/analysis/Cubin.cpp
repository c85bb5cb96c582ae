// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/Cubin.h"

#include "core/analysis/CubinElf.h"
#include "core/base/Hash.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include <cxxabi.h>

namespace ww {
namespace {

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
    explicit Reader(std::vector<CubinSection> sections)
        : m_sections(std::move(sections)), m_symbols(cubinSymbols(m_sections))
    {
    }

    CubinFacts read()
    {
        std::map<std::string, std::string_view> code;
        for (const CubinSection &section : m_sections) {
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
    [[nodiscard]] const CubinSection *find(std::string_view name) const
    {
        const auto found = std::find_if(m_sections.begin(), m_sections.end(),
                                        [name](const CubinSection &section) { return section.name == name; });
        return found == m_sections.end() ? nullptr : &*found;
    }

    /// The figure that the program-wide records give this kernel, 0 when there is none.
    [[nodiscard]] int64_t figure(const std::string &kernel, uint8_t attribute) const
    {
        const CubinSection *info = find(".nv.info");
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
        if (const CubinSection *shared = find(".nv.shared." + name)) {
            const bool reserves =
                std::any_of(m_symbols.begin(), m_symbols.end(),
                            [](const CubinSymbol &symbol) { return symbol.name == kReservedSymbol; });
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
        for (const CubinSymbol &symbol : m_symbols) {
            if (ELF64_ST_TYPE(symbol.entry.st_info) != STT_OBJECT
                || symbol.entry.st_shndx >= m_sections.size() || symbol.entry.st_size == 0)
                continue;
            const std::string &home = m_sections[symbol.entry.st_shndx].name;
            if (home == ".nv.global" || home == ".nv.global.init")
                m_facts.variables.push_back({symbol.name, static_cast<int64_t>(symbol.entry.st_size)});
        }
    }

    std::vector<CubinSection> m_sections;
    std::vector<CubinSymbol> m_symbols;
    CubinFacts m_facts;
};

} // namespace

Result<CubinFacts> readCubin(std::string_view bytes)
{
    WW_TRY(std::vector<CubinSection> sections, cubinSections(bytes));
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
