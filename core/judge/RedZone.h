// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ww {

/// Bytes of guard before and after every buffer.
constexpr size_t kRedZoneBytes = 64u << 10;

/// Fills a guard with a pattern that varies from byte to byte and with `key`, so that a constant written
/// over it cannot go unseen.
void fillRedZone(std::span<std::byte> zone, uint64_t key);

/// Offset of the first byte that no longer holds the pattern.
[[nodiscard]] std::optional<size_t> damagedAt(std::span<const std::byte> zone, uint64_t key);

} // namespace ww
