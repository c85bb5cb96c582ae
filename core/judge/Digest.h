// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ww {

/// A keyed fingerprint by which memory on a device is told from what was put there, without copying it back:
/// the sum, modulo 2^64, of every 64-bit word mixed with its place and the key. A sum can be made by any
/// number of threads in any order; the devices' own kernels do the same (kDigestSource). A last word that is
/// not full is filled with zeros.
[[nodiscard]] uint64_t digestOf(std::span<const std::byte> bytes, uint64_t key);

/// The mix of one word, in the words that C++, OpenCL C and CUDA C++ share (with `ulong` for 64 bits): a Weyl
/// step by place, then SplitMix64's finaliser (Steele, Lea, Flood 2014).
constexpr const char *kDigestSource = R"(
ulong digest_mix(ulong word, ulong place, ulong key)
{
    ulong z = (word ^ key) + (place + 1) * 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
    return z ^ (z >> 31);
}
)";

/// Copies `from` to the beginning of `to`.
void copyBytes(std::span<const std::byte> from, std::span<std::byte> to);

/// True when both hold the same bytes.
[[nodiscard]] bool sameBytes(std::span<const std::byte> a, std::span<const std::byte> b);

} // namespace ww
