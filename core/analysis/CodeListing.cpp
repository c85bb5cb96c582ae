// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/CodeListing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace ww {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text)
{
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Takes the next line off a text.
std::string_view nextLine(std::string_view &text)
{
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

/// The numbers in front of a text, apart by blanks or commas.
template <size_t n> std::optional<std::array<int, n>> leadingNumbers(std::string_view text)
{
    std::array<int, n> numbers {};
    for (int &number : numbers) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t,"), text.size()));
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (code != std::errc())
            return std::nullopt;
        text.remove_prefix(static_cast<size_t>(end - text.data()));
    }
    return numbers;
}

/// The text in the first pair of quotes.
std::string_view quoted(std::string_view text)
{
    const size_t begin = text.find('"');
    const size_t end = begin == std::string_view::npos ? begin : text.find('"', begin + 1);
    return end == std::string_view::npos ? std::string_view() : text.substr(begin + 1, end - begin - 1);
}

/// The numbers of the files that have this name, from the `.file 1 "…"` lines.
std::set<int> filesNamed(std::string_view ptx, std::string_view name)
{
    constexpr std::string_view kFile = ".file";
    std::set<int> numbers;
    while (!ptx.empty()) {
        const std::string_view line = trimmed(nextLine(ptx));
        if (!line.starts_with(kFile))
            continue;
        const std::string_view path = quoted(line);
        const auto number = leadingNumbers<1>(line.substr(kFile.size()));
        if (number && path.substr(path.rfind('/') + 1) == name)
            numbers.insert((*number)[0]);
    }
    return numbers;
}

/// The line of the wanted file that a `.loc` names, itself or as the place of inlining; 0 for another file.
int locatedLine(std::string_view arguments, const std::set<int> &wanted)
{
    constexpr std::string_view kInlined = "inlined_at";
    for (;;) {
        const auto place = leadingNumbers<2>(arguments);
        if (!place)
            return 0;
        if (wanted.count((*place)[0]) > 0)
            return (*place)[1];
        const size_t inlined = arguments.find(kInlined);
        if (inlined == std::string_view::npos)
            return 0;
        arguments.remove_prefix(inlined + kInlined.size());
    }
}

/// An instruction as both tools print it: "/*0010*/  LDC R1, c[0x0][0x28] ;", with its encoding behind it or
/// not.
struct Instruction {
    uint64_t address = 0;
    std::string_view text;
};

std::optional<Instruction> instructionIn(std::string_view line)
{
    line = trimmed(line);
    if (!line.starts_with("/*"))
        return std::nullopt;
    const size_t close = line.find("*/");
    const size_t end = line.find(';');
    if (close == std::string_view::npos || end == std::string_view::npos || end < close)
        return std::nullopt;
    Instruction instruction;
    const std::string_view digits = line.substr(2, close - 2);
    const auto [stop, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), instruction.address, 16);
    if (code != std::errc() || stop != digits.data() + digits.size())
        return std::nullopt;
    instruction.text = trimmed(line.substr(close + 2, end - close - 2));
    // A guard or a wait mark may stand in braces around pairs of instructions.
    while (!instruction.text.empty() && (instruction.text.front() == '{' || instruction.text.front() == '}'))
        instruction.text = trimmed(instruction.text.substr(1));
    return instruction.text.empty() ? std::nullopt : std::optional(instruction);
}

/// The kernel whose instructions follow, where the line names one.
std::optional<std::string> kernelIn(std::string_view line)
{
    constexpr std::string_view kLabel = ".text.", kFunction = "Function : ";
    line = trimmed(line);
    if (line.starts_with(kLabel) && line.ends_with(':'))
        return std::string(line.substr(kLabel.size(), line.size() - kLabel.size() - 1));
    if (line.starts_with(kFunction))
        return std::string(line.substr(kFunction.size()));
    return std::nullopt;
}

/// A place that branches of the same kernel go to: ".L_x_0:".
bool isLabel(std::string_view line)
{
    return line.starts_with(".L") && trimmed(line).ends_with(':');
}

int lineOf(const std::map<std::string, KernelLines> &tables, const std::string &kernel, uint64_t address)
{
    const auto table = tables.find(kernel);
    return table == tables.end() ? 0 : lineAt(table->second, address);
}

/// The words of an instruction without its guard: "HMMA.16816.F32", "R4,", …
std::string_view mnemonicOf(std::string_view text)
{
    const size_t address = text.find("*/");
    if (address != std::string_view::npos)
        text = trimmed(text.substr(address + 2));
    if (text.starts_with('@'))
        text = trimmed(text.substr(std::min(text.find(' '), text.size())));
    return text.substr(0, text.find(' '));
}

struct Meaning {
    std::string_view prefix; ///< of the mnemonic
    std::string_view contains; ///< anywhere in the instruction
    const char *sentence;
};
/// Mnemonics as nvdisasm 13.0 lists them ("Instruction Set Reference" of the CUDA Binary Utilities).
constexpr std::array kMeanings {
    Meaning {"HMMA", ".BF16", "matrix units multiply bfloat16 (HMMA)"},
    Meaning {"HMMA", ".TF32", "matrix units multiply tf32 (HMMA): float32 operands lose 13 bits"},
    Meaning {"HMMA", "", "matrix units multiply float16 (HMMA)"},
    Meaning {"HGMMA", ".BF16", "matrix units multiply bfloat16 by whole warpgroups (HGMMA)"},
    Meaning {"HGMMA", ".TF32",
             "matrix units multiply tf32 by warpgroups (HGMMA): float32 operands lose 13 bits"},
    Meaning {"HGMMA", "", "matrix units multiply float16 by whole warpgroups (HGMMA)"},
    Meaning {"IMMA", "", "matrix units multiply integers (IMMA)"},
    Meaning {"IGMMA", "", "matrix units multiply integers by whole warpgroups (IGMMA)"},
    Meaning {"QMMA", "", "matrix units multiply 8-bit floating-point numbers (QMMA)"},
    Meaning {"QGMMA", "", "matrix units multiply 8-bit floating-point numbers by warpgroups (QGMMA)"},
    Meaning {"OMMA", "", "matrix units multiply 4-bit floating-point numbers (OMMA)"},
    Meaning {"DMMA", "", "matrix units multiply float64 (DMMA)"},
    Meaning {"UTCHMMA", "", "matrix units multiply 16-bit operands from tensor memory (UTCHMMA)"},
    Meaning {"UTCQMMA", "", "matrix units multiply 8-bit operands from tensor memory (UTCQMMA)"},
    Meaning {"LDGSTS", "", "global memory is copied to shared memory without passing registers (LDGSTS)"},
    Meaning {"UTMALDG", "", "the copy engine loads tiles by tensor maps (UTMALDG)"},
    Meaning {"UBLKCP", "", "the copy engine moves blocks of memory (UBLKCP)"},
    Meaning {"LDL", "", "local memory is read: spilled registers or an array that is indexed (LDL)"},
    Meaning {"STL", "", "local memory is written: spilled registers or an array that is indexed (STL)"},
    Meaning {"CS2R", "SR_CLOCK", "a clock is read (CS2R)"},
    Meaning {"S2R", "SR_CLOCK", "a clock is read (S2R)"},
    Meaning {"S2UR", "SR_CLOCK", "a clock is read (S2UR)"},
    Meaning {"S2UR", "SR_GLOBALTIMER", "a timer is read (S2UR)"},
    Meaning {"S2R", "SR_GLOBALTIMER", "a timer is read (S2R)"},
    Meaning {"CS2R", "SR_GLOBALTIMER", "a timer is read (CS2R)"},
    Meaning {"DFMA", "", "arithmetic in double precision (DFMA)"},
    Meaning {"NANOSLEEP", "", "threads are put to sleep (NANOSLEEP)"},
    Meaning {"BPT", ".TRAP", "the kernel can stop itself (BPT.TRAP)"},
};

bool isOpcode(std::string_view mnemonic, std::string_view opcode)
{
    return mnemonic.starts_with(opcode)
        && (mnemonic.size() == opcode.size() || mnemonic[opcode.size()] == '.');
}

} // namespace

std::vector<CodeLine> ptxListing(std::string_view ptx, std::string_view sourceName)
{
    constexpr std::string_view kLocation = ".loc";
    const std::set<int> wanted = filesNamed(ptx, sourceName);
    std::vector<CodeLine> lines;
    int current = 0;
    while (!ptx.empty()) {
        const std::string_view line = nextLine(ptx);
        const std::string_view words = trimmed(line);
        if (words.starts_with(kLocation))
            current = locatedLine(words.substr(kLocation.size()), wanted);
        else if (words == "}" || words.find(".entry") != std::string_view::npos)
            current = 0;
        // A label or a directive is no instruction.
        const bool runs = words.ends_with(';') && words.front() != '.' && words.front() != '$'
            && words.front() != '/' && words.front() != '}';
        lines.push_back({std::string(line), runs ? current : 0, 0});
    }
    return lines;
}

std::vector<CodeLine> sassListing(std::string_view printed, const LineTables &tables)
{
    std::vector<CodeLine> lines;
    std::string kernel;
    while (!printed.empty()) {
        const std::string_view line = nextLine(printed);
        if (auto named = kernelIn(line)) {
            kernel = std::move(*named);
            lines.push_back({kernel + ":", 0, 0});
        } else if (isLabel(line)) {
            lines.push_back({std::string(trimmed(line)), 0, 0});
        } else if (const auto instruction = instructionIn(line)) {
            lines.push_back({fmt::format("/*{:04x}*/ {}", instruction->address, instruction->text),
                             lineOf(tables.source, kernel, instruction->address),
                             lineOf(tables.ptx, kernel, instruction->address)});
        }
    }
    const bool any = std::any_of(lines.begin(), lines.end(),
                                 [](const CodeLine &line) { return line.text.starts_with("/*"); });
    return any ? lines : std::vector<CodeLine>();
}

std::map<std::string, int64_t> opcodeCounts(const std::vector<CodeLine> &sass)
{
    std::map<std::string, int64_t> counts;
    for (const CodeLine &line : sass) {
        const std::string_view mnemonic = mnemonicOf(line.text);
        if (line.text.starts_with("/*"))
            ++counts[std::string(mnemonic.substr(0, mnemonic.find('.')))];
    }
    return counts;
}

std::vector<std::string> codeFindings(const std::vector<CodeLine> &sass)
{
    // The first meaning that fits an instruction is the most particular one.
    std::array<int64_t, kMeanings.size()> counts {};
    for (const CodeLine &line : sass) {
        const std::string_view mnemonic = mnemonicOf(line.text);
        const auto meaning = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning &known) {
            return isOpcode(mnemonic, known.prefix) && line.text.find(known.contains) != std::string::npos;
        });
        if (meaning != kMeanings.end())
            ++counts[static_cast<size_t>(meaning - kMeanings.begin())];
    }
    std::vector<std::string> findings;
    for (size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0)
            findings.push_back(fmt::format("{}, {} instruction{}", kMeanings[i].sentence, counts[i],
                                           counts[i] == 1 ? "" : "s"));
    }
    return findings;
}

} // namespace ww
