// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/LineTable.h"

#include "core/analysis/CubinElf.h"

#include <algorithm>
#include <iterator>

namespace ww {
namespace {

constexpr std::string_view kText = ".text.";
/// More rows than the longest kernel has instructions: a table that goes on beyond is not one.
constexpr size_t kMostRows = 1u << 20;

/// Reads numbers from the front of some bytes; after the first that is not there all are 0.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : m_rest(bytes), m_size(bytes.size()) { }

    template <class T> T take()
    {
        const auto value = valueAt<T>(m_rest, 0);
        skip(sizeof(T));
        return value.value_or(T {});
    }
    uint64_t takeUnsigned()
    {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = take<uint8_t>();
            value |= uint64_t {byte & 0x7fu} << shift;
            if ((byte & 0x80) == 0)
                break;
        }
        return value;
    }
    int64_t takeSigned()
    {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64;) {
            const auto byte = take<uint8_t>();
            value |= uint64_t {byte & 0x7fu} << shift;
            shift += 7;
            if ((byte & 0x80) != 0)
                continue;
            if ((byte & 0x40) != 0 && shift < 64)
                value |= ~uint64_t {0} << shift;
            break;
        }
        return static_cast<int64_t>(value);
    }
    std::string_view takeText()
    {
        const size_t end = m_rest.find('\0');
        const std::string_view text = m_rest.substr(0, end);
        skip(end == std::string_view::npos ? m_rest.size() + 1 : end + 1);
        return text;
    }
    Bytes part(uint64_t size)
    {
        const Bytes taken(m_rest.substr(0, size));
        skip(size);
        return taken;
    }
    void skip(uint64_t count)
    {
        m_ended = m_ended || count > m_rest.size();
        m_rest.remove_prefix(std::min<uint64_t>(count, m_rest.size()));
    }
    [[nodiscard]] bool empty() const { return m_ended || m_rest.empty(); }
    [[nodiscard]] size_t at() const { return m_size - m_rest.size(); }
    [[nodiscard]] std::string_view rest() const { return m_rest; }

private:
    std::string_view m_rest;
    size_t m_size;
    bool m_ended = false;
};

/// Where a place in a section points to once the linker's notes are followed.
struct Target {
    std::string kernel;
    uint64_t offset = 0;
};

/// The notes on a section: offset in it → kernel and offset there.
std::map<uint64_t, Target> targetsIn(const std::vector<CubinSection> &sections,
                                     const std::vector<CubinSymbol> &symbols, size_t index)
{
    std::map<uint64_t, Target> targets;
    for (const CubinSection &section : sections) {
        const bool added = section.header.sh_type == SHT_RELA;
        if ((!added && section.header.sh_type != SHT_REL) || section.header.sh_info != index)
            continue;
        const size_t size = added ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
        for (size_t at = 0; at + size <= section.content.size(); at += size) {
            const auto note = *valueAt<Elf64_Rel>(section.content, at);
            const auto addend = added ? valueAt<Elf64_Rela>(section.content, at)->r_addend : 0;
            const uint64_t symbol = ELF64_R_SYM(note.r_info);
            if (symbol >= symbols.size() || symbols[symbol].entry.st_shndx >= sections.size())
                continue;
            const std::string &home = sections[symbols[symbol].entry.st_shndx].name;
            if (home.starts_with(kText))
                targets[note.r_offset] = {home.substr(kText.size()),
                                          symbols[symbol].entry.st_value + static_cast<uint64_t>(addend)};
        }
    }
    return targets;
}

/// One line program of a section ("6.2.5 The Line Number Program").
class LineProgram {
public:
    /// An empty `wanted` takes every file, also where no name stands for it.
    LineProgram(std::string_view wanted, const std::map<uint64_t, Target> &targets,
                std::map<std::string, KernelLines> &kernels)
        : m_wanted(wanted), m_targets(targets), m_kernels(kernels)
    {
    }

    /// `base` is where the unit's bytes behind its length stand in the section.
    void run(Bytes unit, size_t base)
    {
        const auto version = unit.take<uint16_t>();
        const auto headerLength = unit.take<uint32_t>();
        if (version < 2 || version > 4)
            return;
        Bytes program = unit;
        program.skip(headerLength);
        m_step = unit.take<uint8_t>();
        if (version == 4)
            unit.skip(1);
        unit.skip(1);
        m_lineBase = unit.take<int8_t>();
        m_lineRange = unit.take<uint8_t>();
        const auto opcodeBase = unit.take<uint8_t>();
        std::vector<uint8_t> operands;
        for (int i = 1; i < opcodeBase; ++i)
            operands.push_back(unit.take<uint8_t>());
        while (!unit.empty() && !unit.takeText().empty()) { }
        for (;;) {
            const std::string_view name = unit.takeText();
            if (unit.empty() || name.empty())
                break;
            addFile(name);
            for (int i = 0; i < 3; ++i)
                unit.takeUnsigned();
        }
        if (m_lineRange == 0)
            return;
        while (!program.empty() && m_rows < kMostRows)
            step(program, base, opcodeBase, operands);
    }

private:
    void addFile(std::string_view path)
    {
        const std::string_view name = path.substr(path.rfind('/') + 1);
        m_isWanted.push_back(name == m_wanted);
    }

    void step(Bytes &program, size_t base, uint8_t opcodeBase, const std::vector<uint8_t> &operands)
    {
        const auto opcode = program.take<uint8_t>();
        if (opcode >= opcodeBase) {
            const int special = opcode - opcodeBase;
            m_address += static_cast<uint64_t>(special / m_lineRange) * m_step;
            advance(m_lineBase + special % m_lineRange);
            return addRow();
        }
        switch (opcode) {
        case 0: return extended(program, base);
        case 1: return addRow();
        case 2: m_address += program.takeUnsigned() * m_step; return;
        case 3: advance(program.takeSigned()); return;
        case 4: m_file = program.takeUnsigned(); return;
        case 8: m_address += static_cast<uint64_t>((255 - opcodeBase) / m_lineRange) * m_step; return;
        case 9: m_address += program.take<uint16_t>(); return;
        default:
            for (int i = 0; i < operands[opcode - 1u]; ++i)
                program.takeUnsigned();
        }
    }

    /// Whatever a damaged table adds up to wraps around; addRow() takes no line out of range.
    void advance(int64_t lines)
    {
        m_line = static_cast<int64_t>(static_cast<uint64_t>(m_line) + static_cast<uint64_t>(lines));
    }

    void extended(Bytes &program, size_t base)
    {
        constexpr uint8_t kEndSequence = 1, kSetAddress = 2, kDefineFile = 3;
        const uint64_t length = program.takeUnsigned();
        Bytes operation = program.part(length);
        switch (operation.take<uint8_t>()) {
        case kEndSequence:
            m_line = 0;
            addRow();
            m_line = 1;
            m_file = 1;
            m_address = 0;
            m_kernel.clear();
            return;
        case kSetAddress: {
            // Where the operand stands in the section: the linker's notes name it by that.
            const size_t at = base + program.at() - operation.rest().size();
            const auto target = m_targets.find(at);
            m_kernel = target == m_targets.end() ? std::string() : target->second.kernel;
            m_address = operation.take<uint64_t>() + (target == m_targets.end() ? 0 : target->second.offset);
            return;
        }
        case kDefineFile: addFile(operation.takeText()); return;
        default: return;
        }
    }

    void addRow()
    {
        ++m_rows;
        if (m_kernel.empty())
            return;
        const bool wanted =
            m_wanted.empty() || (m_file > 0 && m_file <= m_isWanted.size() && m_isWanted[m_file - 1]);
        const bool sane = m_line > 0 && m_line <= INT32_MAX;
        m_kernels[m_kernel][m_address] = wanted && sane ? static_cast<int>(m_line) : 0;
    }

    std::string_view m_wanted;
    const std::map<uint64_t, Target> &m_targets;
    std::map<std::string, KernelLines> &m_kernels;
    std::vector<bool> m_isWanted; ///< by file, from 1
    uint8_t m_step = 1, m_lineRange = 0;
    int8_t m_lineBase = 0;
    uint64_t m_address = 0, m_file = 1;
    int64_t m_line = 1;
    std::string m_kernel;
    size_t m_rows = 0;
};

std::map<std::string, KernelLines> linesIn(const std::vector<CubinSection> &sections,
                                           const std::vector<CubinSymbol> &symbols, std::string_view name,
                                           std::string_view wanted)
{
    std::map<std::string, KernelLines> kernels;
    for (size_t i = 0; i < sections.size(); ++i) {
        if (sections[i].name != name)
            continue;
        const std::map<uint64_t, Target> targets = targetsIn(sections, symbols, i);
        Bytes units(sections[i].content);
        while (!units.empty()) {
            const auto length = units.take<uint32_t>();
            const size_t base = units.at();
            LineProgram(wanted, targets, kernels).run(units.part(length), base);
        }
    }
    return kernels;
}

} // namespace

int lineAt(const KernelLines &lines, uint64_t offset)
{
    const auto next = lines.upper_bound(offset);
    return next == lines.begin() ? 0 : std::prev(next)->second;
}

Result<LineTables> readLineTables(std::string_view cubin, std::string_view sourceName)
{
    WW_TRY(const std::vector<CubinSection> sections, cubinSections(cubin));
    const std::vector<CubinSymbol> symbols = cubinSymbols(sections);
    return LineTables {linesIn(sections, symbols, ".debug_line", sourceName),
                       linesIn(sections, symbols, ".nv_debug_line_sass", {})};
}

} // namespace ww
