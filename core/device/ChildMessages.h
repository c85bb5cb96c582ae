// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/worker/Messages.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the supervisor and its children say to each other, one message a frame (Channel.h). A child
/// answers each request with one reply; a runner says before it where it is (PhaseReply).
namespace ww {

/// The two programs a runner can hold side by side.
enum class Seat { Candidate, Baseline };

/// A kernel as the launch plan uses it.
struct KernelUse {
    std::string name;
    int line = 0; ///< of the plan, for messages
    uint64_t arguments = 0; ///< that the plan gives
    uint64_t groupSize = 1; ///< largest work-group of any workload
    uint64_t sharedBytes = 0; ///< largest dynamic local memory; one more argument when not 0
};

/// Builds a program; in a runner it then sits in `seat`.
struct BuildRequest {
    Seat seat = Seat::Candidate;
    std::string source;
    Parameters defines;
    std::vector<KernelUse> kernels;
};

/// A device buffer of the work to come. Inputs bring their bytes as a descriptor beside the message.
struct BufferSpec {
    enum class Role { Input, Output, Scratch };
    std::string name;
    Role role = Role::Input;
    Seat seat = Seat::Candidate; ///< whose scratch
    uint64_t bytes = 0;
    bool zeroed = false; ///< scratch only
};

/// A scalar input of the task and its value.
struct ScalarSpec {
    std::string name;
    DType dtype = DType::Float32;
    double value = 0;
};

/// Lays out one workload: buffers with red zones, inputs filled, arguments set. Descriptors: one per
/// input in order, then the memory for what launches give back (BufferLayout.h).
struct BindRequest {
    std::vector<BufferSpec> buffers;
    std::vector<ScalarSpec> scalars;
    std::optional<ResolvedPlan> candidate, baseline;
    uint64_t redZoneKey = 0;
};

/// Runs the plan in `seat` once on freshly poisoned outputs and scratch, then gives everything back.
struct LaunchRequest {
    Seat seat = Seat::Candidate;
    uint8_t poison = 0xff;
};

/// Times plans one after the other, each with the last-level cache flushed before it.
struct TimeRequest {
    std::vector<Seat> order;
    uint64_t flushBytes = 0;
};

/// Measures copy bandwidth and float32 throughput with kernels of ours.
struct PeaksRequest { };

using ToChild = std::variant<BuildRequest, BindRequest, LaunchRequest, TimeRequest, PeaksRequest>;

/// Why a request could not be carried out, by who has to act.
enum class Problem {
    None,
    Source, ///< the program does not build
    Plan, ///< plan and program do not fit together
    Resource, ///< it needs more than the device has
    Runtime, ///< the device reported an error while it ran
    Device, ///< the device or the driver failed
};

/// First words of a child: its device is open. Or, with `problem`, why it is not.
struct ReadyReply {
    Capabilities device;
    std::string problem;
};
/// Every later start-up cost (compiler library, own kernels) has been paid.
struct WarmReply { };
/// What a child is doing from now on; its time counts against that budget.
struct PhaseReply {
    bool running = false; ///< kernel code runs, else the compiler
};
struct BuildReply {
    Problem problem = Problem::None;
    std::string message;
    int line = 0; ///< of the plan, when it is to blame
    std::string log; ///< as the driver gave it, at most kMaxLogBytes
    std::map<std::string, std::string> resources; ///< per kernel: "softmax.local_mem_bytes", …
    std::string binaryHash; ///< SHA-256 of what the compiler made, where it can be had
};
struct RunReply {
    Problem problem = Problem::None;
    std::string message;
    std::vector<float> us; ///< one per timed plan, in the order asked for
    std::map<std::string, double> figures; ///< measured peaks
};
using FromChild = std::variant<ReadyReply, WarmReply, PhaseReply, BuildReply, RunReply>;

constexpr size_t kMaxLogBytes = 64u << 10;
constexpr size_t kMaxBinaryBytes = 32u << 20;

} // namespace ww
