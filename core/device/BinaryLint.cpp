// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BinaryLint.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace ww {
namespace {

std::vector<std::string> featuresOf(const std::map<std::string, std::string> &resources)
{
    std::vector<std::string> features;
    const auto listed = resources.find("features");
    std::istringstream parts(listed == resources.end() ? std::string() : listed->second);
    for (std::string feature; std::getline(parts >> std::ws, feature, ',');)
        features.push_back(feature);
    return features;
}

/// Bits of an operand that matter to a product of the matrix units; 0 for what is no such feature.
int operandBits(const std::string &feature)
{
    const size_t dot = feature.find("mma.");
    if (dot == std::string::npos)
        return 0;
    const std::string type = feature.substr(dot + 4);
    if (type == "f64")
        return 64;
    if (type == "tf32")
        return 19;
    return type == "bf16" || type == "f16" ? 16 : 8;
}

/// The least operand that keeps what the task's widest floating input holds.
int neededBits(const Task &task)
{
    int bits = 0;
    for (const TensorSpec &input : task.inputs) {
        if (!input.isScalar && isFloat(input.dtype))
            bits = std::max(bits, static_cast<int>(8 * sizeOf(input.dtype)));
    }
    return bits == 32 && task.policy.tf32Allowed ? 19 : bits;
}

} // namespace

std::vector<TrustRecord> lintBinary(const Task &task, const std::map<std::string, std::string> &resources)
{
    std::vector<TrustRecord> found;
    for (const std::string &feature : featuresOf(resources)) {
        if (feature == "clock")
            found.push_back({"clock reads", "flag", "the kernel reads a clock or a timer of the device"});
        const int bits = operandBits(feature);
        if (bits > 0 && bits < neededBits(task))
            found.push_back(
                {"precision", "flag",
                 fmt::format("the kernel multiplies in {} where the task's inputs are wider", feature)});
    }
    const auto kept = resources.find("device_variable_bytes");
    if (kept != resources.end())
        found.push_back({"kept memory", "flag",
                         fmt::format("{} bytes of device variables outlive a launch", kept->second)});
    return found;
}

} // namespace ww
