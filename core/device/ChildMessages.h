// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/candidate/LaunchPlan.h"
#include "core/judge/CodeRecord.h"
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
    /// In a runner: load it again even where the same program is kept, so that nothing an earlier launch left
    /// in its module is there.
    bool freshModule = false;
    /// In a runner: what a compiler child made of this very source (BuildReply::binary), to be loaded instead
    /// of compiling once more. Empty: it compiles.
    std::string binary;
    bool code = false; ///< give back what the compiler made, as people read it (BuildReply::code)
};

/// A data pointer is moved by a multiple of this many bytes: what kernels may rely on is no more.
constexpr uint64_t kPointerStep = 256;

/// A device buffer of the work to come. Inputs bring their bytes as a descriptor beside the message.
struct BufferSpec {
    enum class Role { Input, Output, Scratch };
    std::string name;
    Role role = Role::Input;
    Seat seat = Seat::Candidate; ///< whose scratch
    uint64_t bytes = 0;
    bool zeroed = false; ///< scratch only
    uint32_t set = 0; ///< inputs only: which set of input data; each set has a copy of every input
    uint64_t shift = 0; ///< unused bytes before the first red zone, a multiple of kPointerStep
    /// Inputs only: digestOf() the bytes with the key. By it a runner knows again what it holds on the
    /// device.
    uint64_t digest = 0, digestKey = 0;
};

/// A scalar input of the task and its value.
struct ScalarSpec {
    std::string name;
    DType dtype = DType::Float32;
    double value = 0;
};

/// Lays out one workload: buffers with red zones, inputs filled, arguments set. Descriptors: one per
/// input buffer in order, then, where `newReturned` says so, the memory for what is given back from now on.
struct BindRequest {
    std::vector<BufferSpec> buffers;
    std::vector<ScalarSpec> scalars;
    std::optional<ResolvedPlan> candidate, baseline;
    uint64_t redZoneKey = 0;
    uint64_t newReturned = 0; ///< bytes of the memory that comes with this request; 0: as before
};

/// One run of the plan in a seat on a set of input data.
struct PlanRun {
    Seat seat = Seat::Candidate;
    uint32_t set = 0;
};

// To give back is to copy outputs and all red zones to a slot of the shared memory (BufferLayout.h) as soon
// as the run's end has been signalled, and to tell the digests of the inputs of the last run's set. There are
// two slots, so that what two runs left can be compared.

/// Runs the plan once on freshly poisoned outputs and scratch, then gives back.
struct LaunchRequest {
    PlanRun run;
    uint8_t poison = 0xff;
    uint32_t slot = 0;
};

/// Times plans one after the other. Before each, outside its time: outputs and the seat's scratch are
/// poisoned (scratch declared zero is zeroed), then the last-level cache is flushed. Gives back at the end
/// what the last run left, where it is to be judged.
struct TimeRequest {
    std::vector<PlanRun> order;
    uint64_t flushBytes = 0;
    uint8_t poison = 0xff;
    std::optional<uint32_t> slot; ///< where to give back; nothing is, when not set
};

/// Waits until the device is idle and gives back once more what the last run left, running nothing: what a
/// kernel writes after its end was signalled shows as a difference.
struct ReadRequest {
    uint32_t slot = 0;
};

/// Runs the plan `count` times, each on freshly poisoned memory with a flushed cache, and observes it by
/// other means than the events of TimeRequest. Gives nothing back.
struct ObserveRequest {
    enum class By {
        Graph, ///< replayed from a graph, between two events: RunReply::us
        Trace, ///< as the device's own records tell it, first start to last end: RunReply::us, and in
               ///< `figures` "kernels", the most that ran at a time
        Counters, ///< hardware counters, as many runs as that takes: RunReply::figures by
                  ///< ProfileMetric::name, and "passes"
    };
    By by = By::Graph;
    PlanRun run;
    uint32_t count = 1;
    uint64_t flushBytes = 0;
    uint8_t poison = 0xff;
};

/// Measures copy bandwidth and float32 throughput with kernels of ours.
struct PeaksRequest { };

/// Runs a fixed amount of reading and of multiply-adds with kernels of ours, a millisecond or two each, and
/// checks what they computed. Answered with figures: "read_us", "fma_us", and "wrong", which is 0 when the
/// device still computes right.
struct GoldenRequest { };

using ToChild = std::variant<BuildRequest, BindRequest, LaunchRequest, TimeRequest, ReadRequest,
                             ObserveRequest, PeaksRequest, GoldenRequest>;

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
    std::string binary; ///< what a runner of this backend loads instead of compiling; empty where it compiles
    std::optional<CodeRecord> code; ///< where it was asked for and the backend can tell
};
struct RunReply {
    Problem problem = Problem::None;
    std::string message;
    std::vector<float> us; ///< one per timed plan, in the order asked for
    std::vector<float> mhz; ///< device clock during each of them; empty where the device does not tell
    std::map<std::string, double> figures; ///< measured peaks, golden times
    std::vector<uint64_t> digests; ///< of what was given back: each input of the last run's set, in order
};
using FromChild = std::variant<ReadyReply, WarmReply, PhaseReply, BuildReply, RunReply>;

constexpr size_t kMaxLogBytes = 64u << 10;
constexpr size_t kMaxBinaryBytes = 32u << 20;
/// A larger program is not handed over: in a message it takes a third more than its size (Channel.h).
constexpr size_t kMaxHandedBytes = 4u << 20;
constexpr uint32_t kReturnSlots = 2;

} // namespace ww
