// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/Expression.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ww {

/// Element types a tensor can have.
///
/// Float8E4M3 and Float8E5M2 are the OCP formats: E4M3 has no infinity, its largest value is 448; E5M2's is
/// 57344.
enum class DType { Float64, Float32, Float16, BFloat16, Float8E4M3, Float8E5M2, Int32, Int8 };

/// Bytes of one element.
[[nodiscard]] size_t sizeOf(DType type);
/// True for the floating-point types.
[[nodiscard]] bool isFloat(DType type);
/// The name used in task.json and plans: "float32", "bfloat16", "int8", …
[[nodiscard]] const char *toString(DType type);
/// The type of that name, or nothing.
[[nodiscard]] std::optional<DType> dtypeFromName(std::string_view name);

/// A dimension of the problem. A const axis has one value for ever; a var axis is set per workload.
struct Axis {
    std::string name;
    std::string description;
    std::optional<int64_t> value; ///< set for const axes only
};

/// How the elements of an input are drawn (task.json key "fill").
struct Fill {
    enum class Kind {
        Uniform, ///< reals in [low, high), or integers in [low, high] for integer tensors
        Normal, ///< mean, stddev (Box–Muller)
        Integer, ///< whole numbers in [low, high], also in float tensors
        Offsets, ///< from 0 to high without a step back, as the row offsets of a sparse matrix
    };
    Kind kind = Kind::Normal;
    double low = -1, high = 1;
    double mean = 0, stddev = 1;
    Expression bound {}; ///< Integer, Offsets: gives `high` on each workload; empty when it is a number
    int64_t count = 0; ///< Offsets: elements of the tensor, known on a workload
};
/// What an integer tensor is filled with where its task says nothing.
inline const Fill kIntegerFill {Fill::Kind::Integer, -100, 100};

/// One tensor of the task's signature; a scalar input has `isScalar` and no shape.
struct TensorSpec {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<Expression> shape; ///< elements along each dimension, slowest first (row-major)
    bool isScalar = false;
    Fill fill; ///< inputs only
    std::string description;
};

/// One set of axis values the candidate is checked and timed on.
struct Workload {
    std::string name;
    Bindings axes; ///< every axis, const ones included
    std::map<std::string, double> scalars; ///< value of each scalar input
    bool timed = true; ///< false: checked only (edge shapes)
    std::string device {}; ///< "cpu" or "gpu": left out on a device of the other kind; empty: for all
};

/// How far an output may be from the reference: |out − ref| ≤ atol·RMS(ref) + rtol·|ref| for floating
/// types (evaluation.md, 4), equality for integers. Task values override the dtype's defaults.
struct Tolerance {
    std::optional<double> atol; ///< in units of the reference's RMS; defaults to rtol
    std::optional<double> rtol;
    double matchedRatio = 1.0;
};

/// Least work of one launch plan on one workload, for speed of light.
struct Cost {
    Expression flops; ///< floating-point operations
    Expression bytes; ///< bytes that must cross the memory interface, each tensor once
};

/// What a candidate may assume.
struct TaskPolicy {
    bool tf32Allowed = false;
    bool weightsMayBePacked = false;
    bool timeDependsOnData = false;
    bool linear =
        false; ///< output is linear in each floating input: exact-integer data compare with tolerance 0
};

/// One kernel file of the task, by name: reference, baseline or a catalogue variant.
struct KernelSource {
    std::string name; ///< file name without extension, e.g. "tiled"
    std::string path; ///< where it was read, for messages; empty when it came over a wire
    std::string text;
};

/// What is computed, not how. Immutable once loaded (candidate/TaskAdmission.h) or read from a wire
/// (TaskJson.h).
struct Task {
    std::string name;
    std::string description;
    std::vector<std::string> tags;
    std::vector<Axis> axes;
    std::vector<TensorSpec> inputs; ///< tensors and scalars
    std::vector<TensorSpec> outputs;
    std::vector<Expression> constraints; ///< each must be non-zero on every workload
    std::vector<Workload> workloads;
    Tolerance tolerance;
    Cost cost;
    TaskPolicy policy;
    KernelSource reference; ///< trusted to be right; accumulates in float64
    KernelSource baseline; ///< where a search starts and what speed-ups are against
    std::optional<KernelSource>
        library {}; ///< calls a vendor's library: a second baseline, for comparison alone
    std::vector<KernelSource> variants; ///< the catalogue, naive to good (sorted by name)
    std::string lesson; ///< README.md of the folder, may be empty
    std::string language = "opencl"; ///< of reference, baseline and variants: "opencl" | "cuda"
    std::string directory; ///< where it was loaded from; empty over a wire
    std::string hash; ///< SHA-256 over everything that defines the problem (not the variants)

    [[nodiscard]] const Workload *findWorkload(std::string_view name) const;
    [[nodiscard]] const TensorSpec *findTensor(std::string_view name) const; ///< input or output
};

/// Elements of the tensor on this workload (1 for a scalar). Fails where a dimension does not evaluate,
/// is negative, or the product leaves 2^40.
[[nodiscard]] Result<int64_t> elementCount(const TensorSpec &tensor, const Bindings &axes);

/// The tensor with the bound and the count of its fill as numbers, as drawing its elements needs them. Fails
/// where the bound does not evaluate or lies below the fill's `low`.
[[nodiscard]] Result<TensorSpec> withBoundFill(const TensorSpec &tensor, const Bindings &axes);

/// Whether the workload is for devices of that kind ("cpu", "gpu", "accelerator"; all but the first are as a
/// GPU).
[[nodiscard]] bool suits(const Workload &workload, std::string_view deviceKind);

} // namespace ww
