// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/LaunchPlan.h"
#include "core/candidate/LibraryCalls.h"
#include "core/candidate/PlanNames.h"
#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

constexpr int64_t kMaxGrid = INT32_MAX;
constexpr int64_t kMaxGroups = int64_t {1} << 40;
constexpr int64_t kMaxBlock = 4096;
constexpr int64_t kMaxShared = int64_t {1} << 31;
constexpr uint64_t kMaxScratchBytes = uint64_t {2} << 30;
/// Largest cluster of any architecture (non-portable size); 8 run everywhere that has clusters.
constexpr int64_t kMaxCluster = 16;
// Rules of the bulk copy engine: CUDA driver API, cuTensorMapEncodeTiled.
constexpr size_t kMaxMapRank = 5;
constexpr int64_t kMaxBox = 256;
constexpr uint64_t kMapStep = 16;

tl::unexpected<Error> planFailure(int line, std::string why, std::string remedy = {})
{
    return failure(ErrorCode::BadInput, "the launch plan cannot be used", std::move(why), std::move(remedy),
                   line > 0 ? fmt::format("line {}", line) : std::string());
}

std::string listed(const Bindings &bindings)
{
    std::string text;
    for (const auto &[name, value] : bindings)
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, value);
    return text;
}

/// The values that an expression was computed from, for messages: " with K = 64, TILE = 48".
std::string valuesOf(const Expression &expression, const Bindings &bindings)
{
    Bindings used;
    for (const std::string &name : expression.names()) {
        if (const auto found = bindings.find(name); found != bindings.end())
            used.insert(*found);
    }
    return used.empty() ? std::string() : " with " + listed(used);
}

Result<Parameters> chooseValues(const LaunchPlan &plan, const Parameters &chosen)
{
    Parameters values;
    std::vector<std::string> names;
    for (const Tunable &tunable : plan.tunables) {
        if (tunable.values.empty())
            return planFailure(tunable.line, fmt::format("the tunable '{}' has no values", tunable.name));
        values[tunable.name] = tunable.values.front();
        names.push_back(tunable.name);
    }
    for (const auto &[name, value] : chosen) {
        const auto tunable = std::find_if(plan.tunables.begin(), plan.tunables.end(),
                                          [&name = name](const Tunable &t) { return t.name == name; });
        if (tunable == plan.tunables.end())
            return failure(
                ErrorCode::BadInput, "cannot set the parameters",
                fmt::format("the plan has no tunable {}{}", inQuotes(name), didYouMean(name, names)),
                names.empty() ? std::string("It has none at all")
                              : fmt::format("It has {}", fmt::join(names, ", ")));
        if (std::find(tunable->values.begin(), tunable->values.end(), value) == tunable->values.end())
            return failure(ErrorCode::BadInput, "cannot set the parameters",
                           fmt::format("{} = {} is not among the values of its tune line", name, value),
                           fmt::format("Choose from {}", fmt::join(tunable->values, ", ")),
                           tunable->line > 0 ? fmt::format("line {}", tunable->line) : std::string());
        values[name] = value;
    }
    return values;
}

Status checkRequirement(const Requirement &requirement, const Bindings &bindings)
{
    const Result<int64_t> holds = requirement.condition.evaluate(bindings);
    if (!holds)
        return planFailure(requirement.line, holds.error().message());
    if (*holds == 0)
        return planFailure(requirement.line,
                           fmt::format("the requirement {} does not hold{}",
                                       inQuotes(requirement.condition.text()),
                                       valuesOf(requirement.condition, bindings)),
                           "Choose other parameters");
    return {};
}

/// Axes and tunables together; a name may not be both.
Result<Bindings> joinedBindings(const LaunchPlan &plan, const Parameters &parameters, const Bindings &axes)
{
    Bindings bindings = axes;
    for (const Tunable &tunable : plan.tunables) {
        if (!bindings.emplace(tunable.name, parameters.find(tunable.name)->second).second)
            return planFailure(
                tunable.line,
                fmt::format("'{}' is an axis of the task: give the tunable another name", tunable.name));
    }
    return bindings;
}

/// Turns a plan into numbers on one workload.
class Resolver {
public:
    Resolver(const LaunchPlan &plan, const Task &task, const Workload &workload, Bindings bindings)
        : m_plan(plan), m_task(task), m_workload(workload), m_bindings(std::move(bindings))
    {
    }

    Status resolve(ResolvedPlan &out) const
    {
        WW_CHECK(resolveScratch(out));
        for (const TensorMap &map : m_plan.tensorMaps)
            WW_CHECK(resolveTensorMap(map, out.tensorMaps.emplace_back()));
        for (const Launch &launch : m_plan.launches) {
            WW_CHECK(resolveLaunch(launch, out.launches.emplace_back()));
        }
        return {};
    }

private:
    [[nodiscard]] tl::unexpected<Error> fault(int line, const std::string &why) const
    {
        return planFailure(line, fmt::format("on workload '{}' {}", m_workload.name, why));
    }

    Result<int64_t> number(const Expression &expression, int line, std::string_view what, int64_t least,
                           int64_t most) const
    {
        const Result<int64_t> value = expression.evaluate(m_bindings);
        if (!value)
            return fault(line, fmt::format("{} has no value: {}", what, value.error().message()));
        if (*value < least || *value > most)
            return fault(line,
                         fmt::format("{} {} is {}{}, and must be from {} to {}", what,
                                     inQuotes(expression.text()), *value, valuesOf(expression, m_bindings),
                                     least, most));
        return *value;
    }

    Status resolveScratch(ResolvedPlan &out) const
    {
        uint64_t total = 0;
        for (const Scratch &scratch : m_plan.scratch) {
            uint64_t bytes = sizeOf(scratch.dtype);
            for (const Expression &dimension : scratch.shape) {
                WW_TRY(const int64_t size,
                       number(dimension, scratch.line, "the scratch dimension", 1, INT64_MAX));
                if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes)
                    || bytes > kMaxScratchBytes)
                    return fault(scratch.line,
                                 fmt::format("the scratch buffer '{}' exceeds 2 GiB", scratch.name));
            }
            total += bytes;
            if (total > kMaxScratchBytes)
                return fault(scratch.line, "the scratch buffers together exceed 2 GiB");
            out.scratch.push_back({scratch.name, bytes, scratch.zeroed});
        }
        return {};
    }

    /// The shape and type of a tensor or scratch buffer.
    [[nodiscard]] std::pair<const std::vector<Expression> *, DType> bufferOf(const std::string &name) const
    {
        for (const Scratch &scratch : m_plan.scratch) {
            if (scratch.name == name)
                return {&scratch.shape, scratch.dtype};
        }
        const TensorSpec *tensor = m_task.findTensor(name);
        return tensor ? std::pair(&tensor->shape, tensor->dtype) : std::pair(nullptr, DType::Float32);
    }

    Status resolveTensorMap(const TensorMap &map, ResolvedTensorMap &out) const
    {
        const auto [shape, dtype] = bufferOf(map.tensor);
        if (!shape || shape->empty() || shape->size() > kMaxMapRank)
            return fault(map.line,
                         fmt::format("'{}' has no shape of 1 to {} dimensions", map.tensor, kMaxMapRank));
        if (map.box.size() != shape->size())
            return fault(
                map.line,
                fmt::format("box has {} dimensions and '{}' {}", map.box.size(), map.tensor, shape->size()));
        out = {map.name, map.tensor, dtype, {}, {}, 0, map.line};
        for (size_t i = 0; i < shape->size(); ++i) {
            WW_TRY(const int64_t size, number((*shape)[i], map.line, "the dimension", 1, INT32_MAX));
            WW_TRY(const int64_t box, number(map.box[i], map.line, "box", 1, kMaxBox));
            out.shape.push_back(static_cast<uint64_t>(size));
            out.box.push_back(static_cast<uint64_t>(box));
        }
        if (!map.swizzle.empty()) {
            WW_TRY(const int64_t bytes, number(map.swizzle, map.line, "swizzle", 32, 128));
            if (bytes != 32 && bytes != 64 && bytes != 128)
                return fault(map.line, fmt::format("swizzle is {} bytes, and must be 32, 64 or 128", bytes));
            out.swizzleBytes = static_cast<uint64_t>(bytes);
        }
        const uint64_t rowBytes = out.shape.back() * sizeOf(dtype);
        const uint64_t boxBytes = out.box.back() * sizeOf(dtype);
        if (out.shape.size() > 1 && rowBytes % kMapStep != 0)
            return fault(map.line,
                         fmt::format("the rows of '{}' have {} bytes; the copy engine needs a multiple "
                                     "of {}",
                                     map.tensor, rowBytes, kMapStep));
        if (boxBytes % kMapStep != 0 || (out.swizzleBytes > 0 && boxBytes > out.swizzleBytes))
            return fault(map.line,
                         fmt::format("the rows of box have {} bytes, and must be a multiple of {}, no "
                                     "longer than the swizzle",
                                     boxBytes, kMapStep));
        return {};
    }

    Status resolveDimensions(const std::vector<Expression> &sizes, int line, const char *what, int64_t most,
                             int64_t mostTogether, std::array<uint64_t, 3> &out) const
    {
        if (sizes.empty() || sizes.size() > out.size())
            return fault(line, fmt::format("{} has {} dimensions, and must have 1 to 3", what, sizes.size()));
        int64_t product = 1;
        for (size_t i = 0; i < sizes.size(); ++i) {
            WW_TRY(const int64_t size, number(sizes[i], line, what, 1, most));
            out[i] = static_cast<uint64_t>(size);
            if (__builtin_mul_overflow(product, size, &product) || product > mostTogether)
                return fault(
                    line, fmt::format("the dimensions of {} multiply to more than {}", what, mostTogether));
        }
        return {};
    }

    Status resolveLaunch(const Launch &launch, ResolvedLaunch &out) const
    {
        out.kernel = launch.kernel;
        out.line = launch.line;
        out.isCall = launch.isCall;
        if (launch.isCall)
            return resolveCall(launch, out);
        WW_CHECK(resolveDimensions(launch.grid, launch.line, "grid", kMaxGrid, kMaxGroups, out.grid));
        WW_CHECK(resolveDimensions(launch.block, launch.line, "block", kMaxBlock, kMaxBlock, out.block));
        if (!launch.shared.empty()) {
            WW_TRY(const int64_t bytes, number(launch.shared, launch.line, "shared", 0, kMaxShared));
            out.sharedBytes = static_cast<uint64_t>(bytes);
        }
        out.cooperative = launch.cooperative;
        if (!launch.cluster.empty())
            WW_CHECK(resolveCluster(launch, out));
        for (const Expression &argument : launch.args) {
            WW_TRY(ResolvedLaunch::Arg arg, resolveArgument(argument, launch.line));
            out.args.push_back(std::move(arg));
        }
        return {};
    }

    /// Three tensors of the types that the function takes, then three sizes.
    Status resolveCall(const Launch &launch, ResolvedLaunch &out) const
    {
        const LibraryCall *call = findLibraryCall(launch.kernel);
        if (!call || launch.args.size() != kLibraryArguments)
            return fault(launch.line, fmt::format("'{}' cannot be called", launch.kernel));
        for (size_t i = 0; i < launch.args.size(); ++i) {
            const bool isTensor = i < call->tensors.size();
            WW_TRY(ResolvedLaunch::Arg arg, resolveArgument(launch.args[i], launch.line));
            const DType dtype = bufferOf(arg.name).second;
            const bool fits = isTensor
                ? arg.kind == ResolvedLaunch::Arg::Kind::Buffer && dtype == call->tensors[i]
                : arg.kind == ResolvedLaunch::Arg::Kind::Integer && arg.integer > 0;
            if (!fits)
                return fault(launch.line,
                             fmt::format("argument {} of {} must be {}", i + 1, call->name,
                                         isTensor ? fmt::format("a tensor of {}", toString(call->tensors[i]))
                                                  : std::string("a size above 0")));
            out.args.push_back(std::move(arg));
        }
        return {};
    }

    Status resolveCluster(const Launch &launch, ResolvedLaunch &out) const
    {
        out.cluster = {1, 1, 1};
        WW_CHECK(
            resolveDimensions(launch.cluster, launch.line, "cluster", kMaxCluster, kMaxCluster, out.cluster));
        for (size_t i = 0; i < out.grid.size(); ++i) {
            if (out.grid[i] % out.cluster[i] != 0)
                return fault(
                    launch.line,
                    fmt::format("a cluster of {} does not divide a grid of {}", out.cluster[i], out.grid[i]));
        }
        return {};
    }

    Result<ResolvedLaunch::Arg> resolveArgument(const Expression &argument, int line) const
    {
        using Kind = ResolvedLaunch::Arg::Kind;
        if (const std::string name = bareName(argument); !name.empty()) {
            if (const TensorSpec *tensor = m_task.findTensor(name))
                return ResolvedLaunch::Arg {tensor->isScalar ? Kind::Scalar : Kind::Buffer, name, 0};
            const bool isScratch = std::any_of(m_plan.scratch.begin(), m_plan.scratch.end(),
                                               [&](const Scratch &scratch) { return scratch.name == name; });
            if (isScratch)
                return ResolvedLaunch::Arg {Kind::Buffer, name, 0};
            const bool isMap = std::any_of(m_plan.tensorMaps.begin(), m_plan.tensorMaps.end(),
                                           [&](const TensorMap &map) { return map.name == name; });
            if (isMap)
                return ResolvedLaunch::Arg {Kind::TensorMap, name, 0};
        }
        WW_TRY(const int64_t value, number(argument, line, "the argument", INT32_MIN, INT32_MAX));
        return ResolvedLaunch::Arg {Kind::Integer, {}, value};
    }

    const LaunchPlan &m_plan;
    const Task &m_task;
    const Workload &m_workload;
    Bindings m_bindings;
};

} // namespace

Result<Parameters> resolveParameters(const LaunchPlan &plan, const Parameters &chosen, const Bindings &axes)
{
    WW_TRY(Parameters values, chooseValues(plan, chosen));
    WW_TRY(const Bindings bindings, joinedBindings(plan, values, axes));
    for (const Requirement &requirement : plan.requirements) {
        const std::set<std::string> names = requirement.condition.names();
        const bool bound = std::all_of(names.begin(), names.end(),
                                       [&](const std::string &name) { return bindings.contains(name); });
        if (bound)
            WW_CHECK(checkRequirement(requirement, bindings));
    }
    return values;
}

Result<ResolvedPlan> resolvePlan(const LaunchPlan &plan, const Parameters &parameters, const Task &task,
                                 const Workload &workload)
{
    ResolvedPlan resolved;
    WW_TRY(resolved.parameters, chooseValues(plan, parameters));
    WW_TRY(Bindings bindings, joinedBindings(plan, resolved.parameters, workload.axes));
    for (const Requirement &requirement : plan.requirements) {
        if (Status status = checkRequirement(requirement, bindings); !status) {
            status.error().why = fmt::format("on workload '{}' {}", workload.name, status.error().why);
            return tl::make_unexpected(status.error());
        }
    }
    WW_CHECK(Resolver(plan, task, workload, std::move(bindings)).resolve(resolved));
    return resolved;
}

} // namespace ww
