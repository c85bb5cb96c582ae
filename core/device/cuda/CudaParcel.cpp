// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/CudaParcel.h"

#include <fmt/format.h>

#include <charconv>

namespace ww {
namespace {

constexpr std::string_view kKinds = "pifb"; ///< pointer, integer, float, bytes: PtxParameter::Kind in order

tl::unexpected<Error> broken(const std::string &why)
{
    return failure(ErrorCode::BadInput, "cannot read the compiled program that was handed over", why);
}

/// The next word of a line; empty at its end.
std::string_view nextWord(std::string_view &line)
{
    const size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

Result<PtxParameter> parameterOf(std::string_view word)
{
    PtxParameter parameter;
    const size_t kind = word.empty() ? std::string_view::npos : kKinds.find(word.front());
    if (kind == std::string_view::npos)
        return broken(fmt::format("'{}' is no parameter", word));
    parameter.kind = static_cast<PtxParameter::Kind>(kind);
    const auto [end, code] = std::from_chars(word.data() + 1, word.data() + word.size(), parameter.bytes);
    if (code != std::errc() || end != word.data() + word.size() || parameter.bytes < 1)
        return broken(fmt::format("'{}' has no size", word));
    return parameter;
}

} // namespace

std::string packCudaProgram(const CudaProgramBuild &build)
{
    std::string parcel;
    for (const auto &[name, kernel] : build.kernels) {
        parcel += name + ' ' + kernel.symbol;
        for (const PtxParameter &parameter : kernel.parameters)
            parcel += fmt::format(" {}{}", kKinds[static_cast<size_t>(parameter.kind)], parameter.bytes);
        parcel += '\n';
    }
    return parcel + '\n' + build.cubin;
}

Result<CudaProgramBuild> unpackCudaProgram(std::string_view bytes)
{
    CudaProgramBuild build;
    for (;;) {
        const size_t end = bytes.find('\n');
        if (end == std::string_view::npos)
            return broken("it has no end of its head");
        std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (line.empty())
            break;
        const std::string name(nextWord(line));
        CudaKernelShape kernel;
        kernel.symbol = nextWord(line);
        while (!line.empty()) {
            WW_TRY(const PtxParameter parameter, parameterOf(nextWord(line)));
            kernel.parameters.push_back(parameter);
        }
        if (name.empty() || kernel.symbol.empty() || !build.kernels.emplace(name, std::move(kernel)).second)
            return broken("a kernel has no name of its own");
    }
    if (bytes.empty())
        return broken("it has no machine code");
    build.cubin = bytes;
    return build;
}

} // namespace ww
