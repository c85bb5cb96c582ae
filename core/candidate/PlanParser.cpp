// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Utf8.h"
#include "core/candidate/LibraryCalls.h"
#include "core/candidate/PlanNames.h"
#include "core/candidate/PlanStatement.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr size_t kMaxSource = 1u << 20;
constexpr size_t kMaxTunables = 64;
constexpr size_t kMaxValues = 64;
constexpr size_t kMaxRequirements = 64;
constexpr size_t kMaxScratch = 32;
constexpr size_t kMaxTensorMaps = 32;
constexpr size_t kMaxLaunches = 32;
constexpr size_t kMaxArguments = 64;
constexpr size_t kMaxDimensions = 8;
constexpr size_t kMaxMapDimensions = 5; ///< of the copy engine
constexpr size_t kMaxDiagnostics = 100;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const std::vector<std::string> kStatements {"tune", "require", "scratch", "tensor_map", "launch"};
const std::vector<std::string> kAttributes {"grid", "block", "shared", "args", "cluster", "cooperative"};

bool contains(const std::vector<std::string> &names, const std::string &name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Item> bool isNamed(const std::vector<Item> &items, const std::string &name)
{
    return std::any_of(items.begin(), items.end(), [&](const Item &item) { return item.name == name; });
}

/// Why a plan may not give this name to something of its own; empty when it may.
std::string nameFault(const std::string &name)
{
    if (name.starts_with("__"))
        return fmt::format("the name '{}' begins with two underscores, which belong to the compiler", name);
    if (isReservedWord(name))
        return fmt::format("'{}' is a word of the language: choose another name", name);
    if (isExpressionFunction(name))
        return fmt::format("'{}' is a function of plan expressions: choose another name", name);
    return {};
}

/// Reads the statements of one source into a plan.
class PlanReader {
public:
    explicit PlanReader(PlanUse use) : m_use(use) { }

    void read(const PlanStatement &statement)
    {
        StatementReader reader(statement);
        const size_t start = reader.at();
        const auto keyword = reader.word("tune, require, scratch, tensor_map or launch");
        if (keyword)
            readStatement(*keyword, start, statement.line, reader);
        if (reader.fault())
            diagnostics.push_back(*reader.fault());
    }

    LaunchPlan plan;
    std::vector<Diagnostic> diagnostics;

private:
    PlanUse m_use;

    void readStatement(const std::string &keyword, size_t start, int line, StatementReader &reader)
    {
        if (keyword == "tune")
            readTune(line, reader);
        else if (keyword == "require")
            readRequire(line, reader);
        else if (keyword == "scratch")
            readScratch(line, reader);
        else if (keyword == "tensor_map")
            readTensorMap(line, reader);
        else if (keyword == "launch")
            readLaunch(line, reader);
        else if (keyword == "call" && m_use == PlanUse::Library)
            readCall(line, reader);
        else if (keyword == "call")
            reader.fail(start, "'call' is for a task's library baseline alone: write the stage as a kernel");
        else
            reader.fail(
                start,
                fmt::format("unknown statement {}{}; there are tune, require, scratch, tensor_map and launch",
                            inQuotes(keyword), didYouMean(keyword, kStatements)));
    }

    /// A name this plan declares: allowed, and not declared before among `items`.
    template <class Item>
    static std::optional<std::string> newName(StatementReader &reader, const std::vector<Item> &items,
                                              std::string_view kind)
    {
        const size_t at = reader.at();
        auto name = reader.word(fmt::format("the name of a {}", kind));
        if (!name)
            return std::nullopt;
        std::string fault = nameFault(*name);
        if (fault.empty() && isNamed(items, *name))
            fault = fmt::format("the {} '{}' is declared twice", kind, *name);
        if (fault.empty())
            return name;
        reader.fail(at, std::move(fault));
        return std::nullopt;
    }

    void readTune(int line, StatementReader &reader)
    {
        if (plan.tunables.size() == kMaxTunables) {
            reader.fail(0, fmt::format("a plan may have at most {} tunables", kMaxTunables));
            return;
        }
        const auto name = newName(reader, plan.tunables, "tunable");
        if (!name || !reader.expect('=', "'=' and the values"))
            return;
        Tunable tunable {*name, {}, line};
        do {
            const size_t at = reader.at();
            const auto value = reader.integer();
            if (!value)
                return;
            if (std::find(tunable.values.begin(), tunable.values.end(), *value) != tunable.values.end()) {
                reader.fail(at, fmt::format("the value {} stands twice", *value));
                return;
            }
            if (tunable.values.size() == kMaxValues) {
                reader.fail(at, fmt::format("a tunable may have at most {} values", kMaxValues));
                return;
            }
            tunable.values.push_back(*value);
        } while (reader.eat(','));
        if (reader.end())
            plan.tunables.push_back(std::move(tunable));
    }

    void readRequire(int line, StatementReader &reader)
    {
        if (plan.requirements.size() == kMaxRequirements) {
            reader.fail(0, fmt::format("a plan may have at most {} requirements", kMaxRequirements));
            return;
        }
        auto condition = reader.expression();
        if (condition && reader.end())
            plan.requirements.push_back({std::move(*condition), line});
    }

    void readScratch(int line, StatementReader &reader)
    {
        if (plan.scratch.size() == kMaxScratch) {
            reader.fail(0, fmt::format("a plan may have at most {} scratch buffers", kMaxScratch));
            return;
        }
        const auto name = newName(reader, plan.scratch, "scratch buffer");
        if (!name || !reader.expect(':', "':' and the element type"))
            return;
        Scratch scratch {*name, DType::Float32, {}, false, line};
        const size_t typeAt = reader.at();
        const auto typeName = reader.word("an element type such as float32");
        if (!typeName)
            return;
        const auto dtype = dtypeFromName(*typeName);
        if (!dtype) {
            static const std::vector<std::string> kTypes {"float64",     "float32",     "float16", "bfloat16",
                                                          "float8_e4m3", "float8_e5m2", "int32",   "int8"};
            reader.fail(typeAt,
                        fmt::format("unknown element type {}{}; there are {}", inQuotes(*typeName),
                                    didYouMean(*typeName, kTypes), fmt::join(kTypes, ", ")));
            return;
        }
        scratch.dtype = *dtype;
        auto shape = reader.expressions('[', ']', kMaxDimensions);
        if (!shape)
            return;
        scratch.shape = std::move(*shape);
        if (!reader.atEnd()) {
            const size_t at = reader.at();
            const auto trailing = reader.word("'zero' or the end of the line");
            if (!trailing)
                return;
            if (*trailing != "zero") {
                reader.fail(
                    at, fmt::format("expected 'zero' or the end of the line, found {}", inQuotes(*trailing)));
                return;
            }
            scratch.zeroed = true;
        }
        if (reader.end())
            plan.scratch.push_back(std::move(scratch));
    }

    void readTensorMap(int line, StatementReader &reader)
    {
        if (plan.tensorMaps.size() == kMaxTensorMaps) {
            reader.fail(0, fmt::format("a plan may have at most {} tensor maps", kMaxTensorMaps));
            return;
        }
        const auto name = newName(reader, plan.tensorMaps, "tensor map");
        if (!name || !reader.expect(':', "':' and the tensor"))
            return;
        const auto tensor = reader.word("the name of a tensor or scratch buffer");
        if (!tensor)
            return;
        TensorMap map {*name, *tensor, {}, {}, line};
        while (!reader.atEnd()) {
            const size_t at = reader.at();
            const auto attribute = reader.word("box(…) or swizzle(…)");
            if (!attribute)
                return;
            const bool isBox = *attribute == "box";
            if (!isBox && *attribute != "swizzle") {
                reader.fail(
                    at, fmt::format("unknown attribute {}; there are box and swizzle", inQuotes(*attribute)));
                return;
            }
            if (isBox ? !map.box.empty() : !map.swizzle.empty()) {
                reader.fail(at, fmt::format("{}(…) stands twice", *attribute));
                return;
            }
            auto list = reader.expressions('(', ')', isBox ? kMaxMapDimensions : 1);
            if (!list)
                return;
            if (isBox)
                map.box = std::move(*list);
            else
                map.swizzle = std::move(list->front());
        }
        if (map.box.empty())
            reader.fail(reader.at(), fmt::format("the tensor map '{}' lacks box(…)", map.name));
        else
            plan.tensorMaps.push_back(std::move(map));
    }

    void readLaunch(int line, StatementReader &reader)
    {
        if (plan.launches.size() == kMaxLaunches) {
            reader.fail(0, fmt::format("a plan may have at most {} launches", kMaxLaunches));
            return;
        }
        const auto kernel = reader.word("the name of a kernel");
        if (!kernel)
            return;
        Launch launch;
        launch.kernel = *kernel;
        launch.line = line;
        std::vector<std::string> seen;
        while (!reader.atEnd()) {
            const size_t at = reader.at();
            const auto attribute =
                reader.word("grid(…), block(…), shared(…), cluster(…), cooperative or args(…)");
            if (!attribute || !readAttribute(*attribute, at, seen, launch, reader))
                return;
            seen.push_back(*attribute);
        }
        for (const char *needed : {"grid", "block", "args"}) {
            if (!contains(seen, needed)) {
                reader.fail(reader.at(),
                            fmt::format("the launch of '{}' lacks {}(…)", launch.kernel, needed));
                return;
            }
        }
        plan.launches.push_back(std::move(launch));
    }

    /// cublas.sgemm(A, B, C, M, N, K)
    void readCall(int line, StatementReader &reader)
    {
        if (plan.launches.size() == kMaxLaunches) {
            reader.fail(0, fmt::format("a plan may have at most {} launches", kMaxLaunches));
            return;
        }
        const size_t start = reader.at();
        const auto library = reader.word("the name of a library");
        if (!library || !reader.expect('.', "'.' and the function's name"))
            return;
        const auto function = reader.word("the name of a function");
        if (!function)
            return;
        Launch call;
        call.kernel = *library + '.' + *function;
        call.line = line;
        call.isCall = true;
        if (!findLibraryCall(call.kernel)) {
            std::vector<std::string> names;
            for (const LibraryCall &known : libraryCalls())
                names.emplace_back(known.name);
            reader.fail(start,
                        fmt::format("there is no call {}{}; there are {}", inQuotes(call.kernel),
                                    didYouMean(call.kernel, names), fmt::join(names, ", ")));
            return;
        }
        auto list = reader.expressions('(', ')', kLibraryArguments);
        if (!list || !reader.end())
            return;
        if (list->size() != kLibraryArguments) {
            reader.fail(
                start,
                fmt::format("{} takes {} arguments: A, B, C, M, N, K", call.kernel, kLibraryArguments));
            return;
        }
        call.args = std::move(*list);
        plan.launches.push_back(std::move(call));
    }

    static bool readAttribute(const std::string &name, size_t at, const std::vector<std::string> &seen,
                              Launch &launch, StatementReader &reader)
    {
        if (!contains(kAttributes, name))
            return reader.fail(
                at,
                fmt::format("unknown launch attribute {}{}; there are grid, block, shared, cluster, "
                            "cooperative and args",
                            inQuotes(name), didYouMean(name, kAttributes)));
        if (contains(seen, name))
            return reader.fail(at, fmt::format("{}(…) stands twice", name));
        if (name == "cooperative")
            return launch.cooperative = true;
        const bool isArgs = name == "args";
        const size_t atMost = isArgs ? kMaxArguments : name == "shared" ? 1 : 3;
        auto list = reader.expressions('(', ')', atMost, isArgs);
        if (!list)
            return false;
        if (name == "grid")
            launch.grid = std::move(*list);
        else if (name == "block")
            launch.block = std::move(*list);
        else if (name == "shared")
            launch.shared = std::move(list->front());
        else if (name == "cluster")
            launch.cluster = std::move(*list);
        else
            launch.args = std::move(*list);
        return true;
    }
};

/// Bytes that no source may hold: NUL ends the text for a compiler, ill-formed UTF-8 cannot be stored.
void checkBytes(std::string_view source, std::vector<Diagnostic> &diagnostics)
{
    const auto report = [&](size_t at, const char *message) {
        const std::string_view before = source.substr(0, at);
        const size_t lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
        diagnostics.push_back({Diagnostic::Severity::Error,
                               static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
                               static_cast<int>(at - lineStart) + 1, message});
    };
    if (const size_t nul = source.find('\0'); nul != std::string_view::npos)
        report(nul, "the source holds a NUL byte here: remove it");
    const std::string valid = toValidUtf8(source);
    if (valid != source) {
        const auto bad = std::mismatch(source.begin(), source.end(), valid.begin(), valid.end()).first;
        report(static_cast<size_t>(bad - source.begin()),
               "the source is not valid UTF-8 here: save it as UTF-8");
    }
}

void checkKernels(const LaunchPlan &plan, std::string_view source,
                  const std::vector<PlanStatement> &statements, std::vector<Diagnostic> &diagnostics)
{
    std::string code(source);
    for (const PlanStatement &statement : statements) {
        const auto offset = static_cast<size_t>(statement.text.data() - source.data());
        std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(offset), statement.text.size(), ' ');
    }
    for (const Launch &launch : plan.launches) {
        if (!launch.isCall && findWord(code, launch.kernel) == std::string_view::npos)
            diagnostics.push_back(
                {Diagnostic::Severity::Warning, launch.line, 0,
                 fmt::format("the source does not mention a kernel '{}': is the name right?",
                             launch.kernel)});
    }
}

} // namespace

PlanParse parsePlan(std::string_view source, const Task *task, PlanUse use)
{
    if (source.size() > kMaxSource)
        return {{},
                {{Diagnostic::Severity::Error, 0, 0,
                  fmt::format("the source has {} bytes, more than the limit of {}: shorten it", source.size(),
                              kMaxSource)}}};
    if (source.starts_with(kByteOrderMark))
        source.remove_prefix(kByteOrderMark.size());

    PlanReader reader(use);
    checkBytes(source, reader.diagnostics);
    const std::vector<PlanStatement> statements = planStatements(source);
    for (const PlanStatement &statement : statements) {
        if (reader.diagnostics.size() >= kMaxDiagnostics) {
            reader.diagnostics.push_back({Diagnostic::Severity::Error, statement.line, 0,
                                          "too many faults: the lines from here on were not read"});
            break;
        }
        reader.read(statement);
    }
    // With lines missing, every name they declare would be reported as unknown.
    const bool complete =
        std::none_of(reader.diagnostics.begin(), reader.diagnostics.end(), [](const Diagnostic &diagnostic) {
            return diagnostic.severity == Diagnostic::Severity::Error;
        });
    if (complete && reader.plan.launches.empty())
        reader.diagnostics.push_back(
            {Diagnostic::Severity::Error, 0, 0,
             "the source has no launch: add a line //@ launch KERNEL grid(…) block(…) args(…)"});
    PlanParse parse {std::move(reader.plan), std::move(reader.diagnostics)};
    if (complete) {
        for (Diagnostic &diagnostic : checkPlanNames(parse.plan, statements, task))
            parse.diagnostics.push_back(std::move(diagnostic));
        checkKernels(parse.plan, source, statements, parse.diagnostics);
    }
    std::stable_sort(parse.diagnostics.begin(), parse.diagnostics.end(),
                     [](const Diagnostic &a, const Diagnostic &b) {
                         return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                     });
    return parse;
}

bool PlanParse::ok() const
{
    return std::none_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic &diagnostic) {
        return diagnostic.severity == Diagnostic::Severity::Error;
    });
}

Error PlanParse::error(const std::string &file) const
{
    Error error {ErrorCode::BadInput, "the launch plan cannot be used", {}, {}, file};
    int count = 0;
    for (const Diagnostic &diagnostic : diagnostics) {
        if (diagnostic.severity != Diagnostic::Severity::Error)
            continue;
        if (++count > 1)
            continue;
        error.why = diagnostic.message;
        if (diagnostic.line > 0)
            error.where += fmt::format(":{}", diagnostic.line);
        if (diagnostic.line > 0 && diagnostic.column > 0)
            error.where += fmt::format(":{}", diagnostic.column);
    }
    if (count > 1)
        error.why += fmt::format(" (and {} more)", count - 1);
    return error;
}

} // namespace ww
