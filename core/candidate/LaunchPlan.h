// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Task.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// A message about a place in a source file, from the plan parser or a compiler.
struct Diagnostic {
    enum class Severity { Note, Warning, Error };
    Severity severity = Severity::Error;
    int line = 0; ///< from 1; 0 when it belongs to no line
    int column = 0; ///< from 1, in bytes; 0 when unknown
    std::string message;
};

/// `//@ tune NAME = 1, 2, 4`: an integer the candidate lets vary; becomes -DNAME=value.
struct Tunable {
    std::string name;
    std::vector<int64_t> values; ///< at least one; the first is the default; no duplicates
    int line = 0;
};

/// `//@ require EXPR`: a parameter set for which this is 0 is not a candidate.
struct Requirement {
    Expression condition;
    int line = 0;
};

/// `//@ scratch NAME: dtype[dim, …]`: a buffer the kernels may use; contents undefined at start, or
/// zero with the trailing word `zero`.
struct Scratch {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<Expression> shape;
    bool zeroed = false;
    int line = 0;
};

/// `//@ tensor_map NAME: TENSOR box(a, b) swizzle(128)`, CUDA only: how the bulk copy engine sees a tensor or
/// scratch buffer. `box` is what one copy moves, in elements and in the order of the tensor's shape;
/// `swizzle` (32, 64 or 128 bytes) may be left out. As an argument it is a `const __grid_constant__
/// CUtensorMap`.
struct TensorMap {
    std::string name;
    std::string tensor;
    std::vector<Expression> box;
    Expression swizzle; ///< empty when not given
    int line = 0;
};

/// One kernel launch: `//@ launch NAME grid(x, y, z) block(x, y, z) shared(bytes) args(a, b, …)`.
/// `grid` counts work-groups, `block` work-items a group; missing dimensions are 1. `shared` (bytes of
/// dynamic local memory) may be left out, the others not. For CUDA also `cluster(x, y, z)`, blocks a cluster,
/// and the bare word `cooperative`: all blocks run at once and may wait for each other. An argument is a
/// tensor, scalar, axis, scratch or tunable by name, or an integer expression; expressions are passed as
/// 32-bit ints.
struct Launch {
    std::string kernel;
    std::vector<Expression> grid;
    std::vector<Expression> block;
    Expression shared; ///< empty when not given
    std::vector<Expression> args;
    std::vector<Expression> cluster; ///< empty when not given
    bool cooperative = false;
    /// `//@ call NAME(a, b, …)`, in library baselines alone: a function of LibraryCalls.h instead of a
    /// kernel; it has neither grid nor block.
    bool isCall = false;
    int line = 0;
};

/// The declarative host side of a candidate: everything our host code needs to run its kernels.
struct LaunchPlan {
    std::vector<Tunable> tunables;
    std::vector<Requirement> requirements;
    std::vector<Scratch> scratch;
    std::vector<TensorMap> tensorMaps;
    std::vector<Launch> launches;
};

/// A plan, or what is wrong with it, located.
struct PlanParse {
    LaunchPlan plan;
    std::vector<Diagnostic> diagnostics; ///< errors and warnings in line order

    [[nodiscard]] bool ok() const;
    /// The diagnostics as an Error naming `file`; only when !ok().
    [[nodiscard]] Error error(const std::string &file) const;
};

/// Whose plan it is: only a task's library baseline may call a vendor's library.
enum class PlanUse { Kernel, Library };

/// Reads the `//@` lines of a candidate's source: one statement a line, the mark may be indented, a remark
/// may follow behind `//`, the order of statements is free. Names and arguments are checked against `task`
/// when one is given. Never fails hard: every fault is a diagnostic with line and column. Refused too are
/// sources over 1 MiB, with NUL bytes or ill-formed UTF-8, and plans with more than 64 tunables, 64 values
/// a tunable, 64 requirements, 32 scratch buffers, 32 tensor maps, 32 launches or 64 arguments a launch; and
/// what is for CUDA alone where the task's kernels are in another language.
[[nodiscard]] PlanParse parsePlan(std::string_view source, const Task *task = nullptr,
                                  PlanUse use = PlanUse::Kernel);

/// The plan as `//@` lines; parsePlan() of it gives an equal plan.
[[nodiscard]] std::string printPlan(const LaunchPlan &plan);

/// Chosen values of tunables; a tunable that is missing has its default.
using Parameters = Bindings;

/// Every tunable with its value, defaults filled in. Fails on a name the plan does not have, a value
/// outside its list, or a requirement that does not hold (on `axes` where it mentions axes; those that
/// mention unbound axes are left to resolvePlan()).
[[nodiscard]] Result<Parameters> resolveParameters(const LaunchPlan &plan, const Parameters &chosen,
                                                   const Bindings &axes = {});

/// A launch with its numbers filled in for one workload.
struct ResolvedLaunch {
    std::string kernel;
    std::array<uint64_t, 3> grid {1, 1, 1}; ///< work-groups
    std::array<uint64_t, 3> block {1, 1, 1}; ///< work-items a group
    uint64_t sharedBytes = 0;
    std::array<uint64_t, 3> cluster {0, 0, 0}; ///< work-groups a cluster; 0 = no clusters
    bool cooperative = false;
    bool isCall = false; ///< `kernel` is a function of LibraryCalls.h
    struct Arg {
        enum class Kind { Buffer, Scalar, Integer, TensorMap };
        Kind kind = Kind::Integer;
        std::string name; ///< tensor, scratch, scalar or tensor map name
        int64_t integer = 0; ///< Kind::Integer
    };
    std::vector<Arg> args;
    int line = 0;
};

/// A scratch buffer with its size filled in.
struct ResolvedScratch {
    std::string name;
    uint64_t bytes = 0;
    bool zeroed = false;
};

/// A tensor map with its sizes filled in; shape and box slowest dimension first.
struct ResolvedTensorMap {
    std::string name;
    std::string buffer; ///< tensor or scratch
    DType dtype = DType::Float32;
    std::vector<uint64_t> shape;
    std::vector<uint64_t> box;
    uint64_t swizzleBytes = 0;
    int line = 0;
};

/// The plan as numbers for one workload, ready to run.
struct ResolvedPlan {
    std::vector<ResolvedLaunch> launches;
    std::vector<ResolvedScratch> scratch;
    std::vector<ResolvedTensorMap> tensorMaps;
    Parameters parameters; ///< all tunables
};

/// Evaluates every expression of the plan on a workload. Fails with `where` = "line 7" (of the source), where
/// one does not evaluate, a grid or block is below 1, a block exceeds 4096 work-items, a grid exceeds 2^31−1
/// in a dimension or 2^40 groups, a cluster exceeds 16 groups or does not divide the grid, a tensor map
/// breaks a rule of the copy engine, scratch exceeds 2 GiB in all, shared memory 2 GiB, an integer argument
/// 32 bits, or a requirement does not hold.
[[nodiscard]] Result<ResolvedPlan> resolvePlan(const LaunchPlan &plan, const Parameters &parameters,
                                               const Task &task, const Workload &workload);

} // namespace ww
