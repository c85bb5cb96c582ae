// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/memory/FailureClass.h"

#include "core/base/Hash.h"
#include "core/memory/DivergentBarrier.h"
#include "core/memory/Falsifier.h"
#include "core/memory/KnownMistakes.h"
#include "core/memory/Sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <vector>

namespace ww {
namespace {

/// A regular expression of std recurses once a character.
constexpr size_t kMaxMessage = 600, kMaxLine = 400;

const Diagnostic *firstError(const Evaluation &evaluation)
{
    const auto found =
        std::find_if(evaluation.diagnostics.begin(), evaluation.diagnostics.end(),
                     [](const Diagnostic &one) { return one.severity == Diagnostic::Severity::Error; });
    return found == evaluation.diagnostics.end() ? nullptr : &*found;
}

std::string lineOf(std::string_view source, int number)
{
    for (int line = 1; number > 0; ++line) {
        const size_t end = std::min(source.find('\n'), source.size());
        if (line == number)
            return std::string(source.substr(0, std::min(end, kMaxLine)));
        if (end == source.size())
            break;
        source.remove_prefix(end + 1);
    }
    return {};
}

bool containsAny(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// True where the source wrote the message itself: what stands in it would reach other prompts.
bool saidByTheSource(std::string_view line, std::string_view message)
{
    return containsAny(line,
                       {"#error", "#warning", "#pragma", "#line", "static_assert", "_Static_assert",
                        "__attribute__", "deprecated"})
        || containsAny(message,
                       {"#error", "static assertion", "static_assert", "unavailable", "is deprecated",
                        "declared with"});
}

struct Compiled {
    const KnownMistake *mistake;
    std::regex message;
    std::regex line;
};

const std::vector<Compiled> &mistakesOf(std::string_view language)
{
    const auto compile = [](std::span<const KnownMistake> own) {
        std::vector<Compiled> all;
        for (const auto &list : {planMistakes(), own}) {
            for (const KnownMistake &one : list)
                all.push_back({&one, std::regex(one.message), std::regex(one.line)});
        }
        return all;
    };
    static const std::vector<Compiled> openCl = compile(openClMistakes()), cuda = compile(cudaMistakes());
    return language == "cuda" ? cuda : openCl;
}

std::string falsifierOf(const KnownMistake &mistake, std::string_view language)
{
    if (!*mistake.declarations && !*mistake.statements && !*mistake.plan)
        return {};
    return probeSource(std::string(language), mistake.declarations, mistake.statements, mistake.plan);
}

std::optional<FailureClass> knownMistake(std::string_view language, const std::string &message,
                                         const std::string &line)
{
    for (const Compiled &one : mistakesOf(language)) {
        if (!std::regex_search(message, one.message))
            continue;
        if (*one.mistake->line && !std::regex_search(line, one.line))
            continue;
        return FailureClass {one.mistake->name, one.mistake->sentence, message,
                             falsifierOf(*one.mistake, language), true};
    }
    return std::nullopt;
}

/// A class for a message that is not known: its words, and a hash to keep alike ones apart.
FailureClass unknownMistake(const std::string &message)
{
    constexpr size_t kMostWords = 5, kMaxName = 60;
    const std::string general = generalised(message);
    std::string name = "compiler";
    size_t words = 0;
    bool inWord = false;
    for (const char c : general) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter && !inWord && ++words <= kMostWords)
            name += '-';
        if (letter && words <= kMostWords && name.size() < kMaxName)
            name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        inWord = letter;
    }
    name += "-" + sha256Hex(general).substr(0, 6);
    return {name, fmt::format("The compiler refuses this: {}.", tidyLine(general, 200)), message, {}, false};
}

/// What a barrier that not all work-items reach comes to differs: a crash, a hang, wrong numbers, writes
/// beyond a buffer. No message names it, but the source shows it.
std::optional<FailureClass> missedBarrier(const Evaluation &evaluation, std::string_view source)
{
    const bool ran = evaluation.verdict == Verdict::RuntimeError || evaluation.verdict == Verdict::Timeout
        || evaluation.verdict == Verdict::Sanitizer || evaluation.verdict == Verdict::IncorrectNumerical;
    const std::optional<int> line = ran ? divergentBarrier(source) : std::nullopt;
    if (!line)
        return std::nullopt;
    return FailureClass {
        "divergent-barrier",
        "Every work-item of a group must reach every barrier: none under a condition or in a "
        "loop that differs between work-items, nor behind a return of some.",
        fmt::format("{} (a barrier in line {} is not reached by all)",
                    tidyLine(evaluation.message, kMaxMessage), *line),
        {},
        true};
}

/// Verdicts whose cause the diagnostics or the message name.
bool isExplainable(Verdict verdict)
{
    switch (verdict) {
    case Verdict::CompileError:
    case Verdict::Rejected:
    case Verdict::ResourceLimit:
    case Verdict::RuntimeError:
    case Verdict::Sanitizer:
    case Verdict::IncorrectNumerical: return true;
    default: return false; // a time limit may be the machine's; what probes found is for people
    }
}

} // namespace

std::string generalised(std::string_view message)
{
    std::string text;
    for (size_t at = 0; at < message.size(); ++at) {
        const char c = message[at];
        if (c == '\'' || c == '"') {
            // A name that is cut off is one all the same.
            text += "'…'";
            at = std::min(message.find(c, at + 1), message.size());
            continue;
        }
        const bool digit = c >= '0' && c <= '9';
        if (!digit)
            text += c;
        else if (text.empty() || text.back() != '#')
            text += '#';
    }
    return text;
}

std::string tidyMessage(const Evaluation &evaluation)
{
    const Diagnostic *error = firstError(evaluation);
    return tidyLine(error ? error->message : evaluation.message);
}

FailureFinding classify(const Evaluation &evaluation, std::string_view language, std::string_view source)
{
    using Kind = FailureFinding::Kind;
    switch (evaluation.verdict) {
    case Verdict::Passed: return {Kind::None, {}};
    case Verdict::InfraError:
    case Verdict::InvalidReference:
    case Verdict::NotReproduced: return {Kind::Infrastructure, {}};
    default: break;
    }
    if (auto missed = missedBarrier(evaluation, source))
        return {Kind::Explained, std::move(*missed)};
    const Diagnostic *error = firstError(evaluation);
    // A refusal without a place is about the request: the wrong worker, an unknown workload.
    if (evaluation.verdict == Verdict::Rejected && error == nullptr)
        return {Kind::Infrastructure, {}};
    if (!isExplainable(evaluation.verdict))
        return {Kind::Unexplained, {}};
    const std::string message = tidyLine(error ? error->message : evaluation.message, kMaxMessage);
    const std::string line = error ? lineOf(source, error->line) : std::string();
    if (saidByTheSource(line, message))
        return {Kind::Unexplained, {}};
    if (const auto known = knownMistake(language, message, line))
        return {Kind::Explained, *known};
    if (error != nullptr && evaluation.verdict == Verdict::CompileError)
        return {Kind::Explained, unknownMistake(message)};
    return {Kind::Unexplained, {}};
}

} // namespace ww
