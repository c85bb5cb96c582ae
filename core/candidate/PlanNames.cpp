// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/candidate/PlanNames.h"

#include "core/task/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace ww {
namespace {

enum class Meaning { Unknown, Axis, Tunable, Scratch, TensorMap, Tensor, Scalar };

class NameCheck {
public:
    NameCheck(const LaunchPlan &plan, const std::vector<PlanStatement> &statements, const Task *task)
        : m_plan(plan), m_statements(statements), m_task(task)
    {
    }

    std::vector<Diagnostic> run()
    {
        checkDeclarations();
        for (const Requirement &requirement : m_plan.requirements)
            checkExpression(requirement.condition, requirement.line, "require");
        for (const Scratch &scratch : m_plan.scratch) {
            for (const Expression &dimension : scratch.shape)
                checkExpression(dimension, scratch.line, "scratch");
        }
        for (const TensorMap &map : m_plan.tensorMaps)
            checkTensorMap(map);
        for (const Launch &launch : m_plan.launches)
            checkLaunch(launch);
        checkOutputs();
        return std::move(m_diagnostics);
    }

private:
    /// Reports at the first place behind `keyword` (if not empty) where the name stands in its line.
    void report(int line, std::string_view keyword, std::string_view name, std::string message)
    {
        const auto statement = std::find_if(m_statements.begin(), m_statements.end(),
                                            [line](const PlanStatement &s) { return s.line == line; });
        int column = 0;
        if (statement != m_statements.end()) {
            const size_t from = keyword.empty() ? 0 : findWord(statement->text, keyword);
            const size_t at =
                findWord(statement->text, name, from == std::string_view::npos ? 0 : from + keyword.size());
            if (at != std::string_view::npos)
                column = statement->column + static_cast<int>(at);
        }
        m_diagnostics.push_back({Diagnostic::Severity::Error, line, column, std::move(message)});
    }

    [[nodiscard]] Meaning meaningOf(std::string_view name) const
    {
        const auto named = [name](const auto &item) { return item.name == name; };
        if (std::any_of(m_plan.tunables.begin(), m_plan.tunables.end(), named))
            return Meaning::Tunable;
        if (std::any_of(m_plan.scratch.begin(), m_plan.scratch.end(), named))
            return Meaning::Scratch;
        if (std::any_of(m_plan.tensorMaps.begin(), m_plan.tensorMaps.end(), named))
            return Meaning::TensorMap;
        return meaningInTask(name);
    }

    [[nodiscard]] Meaning meaningInTask(std::string_view name) const
    {
        if (!m_task)
            return Meaning::Unknown;
        if (const TensorSpec *tensor = m_task->findTensor(name))
            return tensor->isScalar ? Meaning::Scalar : Meaning::Tensor;
        const bool isAxis = std::any_of(m_task->axes.begin(), m_task->axes.end(),
                                        [name](const Axis &axis) { return axis.name == name; });
        return isAxis ? Meaning::Axis : Meaning::Unknown;
    }

    void checkDeclarations()
    {
        for (const Tunable &tunable : m_plan.tunables)
            checkDeclaration(tunable.name, tunable.line, "tune", "tunable");
        for (const Scratch &scratch : m_plan.scratch) {
            checkDeclaration(scratch.name, scratch.line, "scratch", "scratch buffer");
            const bool isTunable =
                std::any_of(m_plan.tunables.begin(), m_plan.tunables.end(),
                            [&](const Tunable &tunable) { return tunable.name == scratch.name; });
            if (isTunable)
                report(scratch.line, "scratch", scratch.name,
                       fmt::format("'{}' is a tunable already: give the scratch buffer another name",
                                   scratch.name));
        }
    }

    /// Clusters, cooperative launches and tensor maps are CUDA's.
    void checkIsCuda(int line, std::string_view word)
    {
        if (m_task && m_task->language != "cuda")
            report(
                line, "", word,
                fmt::format("'{}' is for CUDA kernels, and this task's are in {}", word, m_task->language));
    }

    void checkTensorMap(const TensorMap &map)
    {
        checkIsCuda(map.line, "tensor_map");
        checkDeclaration(map.name, map.line, "tensor_map", "tensor map");
        const auto named = [&](const auto &item) { return item.name == map.name; };
        if (std::any_of(m_plan.tunables.begin(), m_plan.tunables.end(), named)
            || std::any_of(m_plan.scratch.begin(), m_plan.scratch.end(), named))
            report(map.line, "tensor_map", map.name,
                   fmt::format("'{}' is declared already: give the tensor map another name", map.name));
        const Meaning meaning = meaningOf(map.tensor);
        const bool buffer = meaning == Meaning::Tensor || meaning == Meaning::Scratch;
        if (!buffer && (m_task || meaning != Meaning::Unknown))
            report(map.line, "tensor_map", map.tensor,
                   fmt::format("'{}' is no tensor of the task and no scratch buffer", map.tensor));
        for (const Expression &size : map.box)
            checkExpression(size, map.line, "box");
        if (!map.swizzle.empty())
            checkExpression(map.swizzle, map.line, "swizzle");
    }

    void checkDeclaration(const std::string &name, int line, std::string_view keyword, std::string_view kind)
    {
        const Meaning taken = meaningInTask(name);
        if (taken == Meaning::Unknown)
            return;
        const char *what = taken == Meaning::Axis ? "an axis"
            : taken == Meaning::Scalar            ? "a scalar"
                                                  : "a tensor";
        report(line, keyword, name,
               fmt::format("'{}' is {} of the task: give the {} another name", name, what, kind));
    }

    /// In an expression only axes and tunables have a value.
    void checkExpression(const Expression &expression, int line, std::string_view keyword)
    {
        for (const std::string &name : expression.names()) {
            switch (meaningOf(name)) {
            case Meaning::Axis:
            case Meaning::Tunable: break;
            case Meaning::Unknown:
                if (m_task)
                    report(line, keyword, name,
                           fmt::format("unknown name '{}' in {}: neither an axis of the task nor a tunable{}",
                                       name, keyword, didYouMean(name, numbers())));
                break;
            default:
                report(line, keyword, name,
                       fmt::format("'{}' has no value in {}: only axes and tunables can be computed with",
                                   name, keyword));
            }
        }
    }

    void checkLaunch(const Launch &launch)
    {
        for (const Expression &size : launch.grid)
            checkExpression(size, launch.line, "grid");
        for (const Expression &size : launch.block)
            checkExpression(size, launch.line, "block");
        if (!launch.shared.empty())
            checkExpression(launch.shared, launch.line, "shared");
        for (const Expression &size : launch.cluster)
            checkExpression(size, launch.line, "cluster");
        if (!launch.cluster.empty())
            checkIsCuda(launch.line, "cluster");
        if (launch.cooperative)
            checkIsCuda(launch.line, "cooperative");
        if (launch.isCall)
            checkIsCuda(launch.line, "call");
        for (const Expression &argument : launch.args) {
            const std::string name = bareName(argument);
            if (name.empty()) {
                checkExpression(argument, launch.line, "args");
            } else if (m_task && meaningOf(name) == Meaning::Unknown) {
                report(
                    launch.line, "args", name,
                    fmt::format("the argument '{}' names nothing: no tensor, scalar or axis of the task, no "
                                "scratch buffer, tensor map or tunable{}",
                                name, didYouMean(name, arguments())));
            }
        }
    }

    void checkOutputs()
    {
        if (!m_task || m_plan.launches.empty())
            return;
        for (const TensorSpec &output : m_task->outputs) {
            const bool given =
                std::any_of(m_plan.launches.begin(), m_plan.launches.end(), [&](const Launch &launch) {
                    return std::any_of(launch.args.begin(), launch.args.end(),
                                       [&](const Expression &arg) { return writes(arg, output.name); });
                });
            if (!given)
                m_diagnostics.push_back(
                    {Diagnostic::Severity::Error, m_plan.launches.back().line, 0,
                     fmt::format("no launch is given the output '{}', so nothing can write "
                                 "it: add it to args(…)",
                                 output.name)});
        }
    }

    /// Whether an argument lets a kernel reach the tensor: by name, or through a map of it.
    [[nodiscard]] bool writes(const Expression &argument, const std::string &tensor) const
    {
        const std::string name = bareName(argument);
        return name == tensor
            || std::any_of(m_plan.tensorMaps.begin(), m_plan.tensorMaps.end(),
                           [&](const TensorMap &map) { return map.name == name && map.tensor == tensor; });
    }

    [[nodiscard]] std::vector<std::string> numbers() const
    {
        std::vector<std::string> names;
        for (const Tunable &tunable : m_plan.tunables)
            names.push_back(tunable.name);
        for (const Axis &axis : m_task->axes)
            names.push_back(axis.name);
        return names;
    }

    [[nodiscard]] std::vector<std::string> arguments() const
    {
        std::vector<std::string> names = numbers();
        for (const Scratch &scratch : m_plan.scratch)
            names.push_back(scratch.name);
        for (const TensorMap &map : m_plan.tensorMaps)
            names.push_back(map.name);
        for (const TensorSpec &tensor : m_task->inputs)
            names.push_back(tensor.name);
        for (const TensorSpec &tensor : m_task->outputs)
            names.push_back(tensor.name);
        return names;
    }

    const LaunchPlan &m_plan;
    const std::vector<PlanStatement> &m_statements;
    const Task *m_task;
    std::vector<Diagnostic> m_diagnostics;
};

} // namespace

std::vector<Diagnostic> checkPlanNames(const LaunchPlan &plan, const std::vector<PlanStatement> &statements,
                                       const Task *task)
{
    return NameCheck(plan, statements, task).run();
}

std::string bareName(const Expression &expression)
{
    const std::set<std::string> names = expression.names();
    return names.size() == 1 && *names.begin() == expression.text() ? *names.begin() : std::string();
}

} // namespace ww
