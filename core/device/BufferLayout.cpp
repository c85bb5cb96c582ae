// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/BufferLayout.h"

#include "core/judge/RedZone.h"

namespace ww {

BufferLayout layoutOf(const std::vector<BufferSpec> &buffers)
{
    constexpr size_t kAlignment = 64;
    BufferLayout layout;
    for (const BufferSpec &buffer : buffers) {
        BufferPlace place;
        place.head = layout.totalBytes;
        place.data = place.head + kRedZoneBytes;
        place.dataBytes = buffer.role == BufferSpec::Role::Output ? buffer.bytes : 0;
        place.tail = place.data + place.dataBytes;
        const size_t end = place.tail + kRedZoneBytes;
        layout.totalBytes = (end + kAlignment - 1) / kAlignment * kAlignment;
        layout.places.push_back(place);
    }
    return layout;
}

} // namespace ww
