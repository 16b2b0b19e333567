// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace onair::mov {

/// The bytes of one packet, which the muxer never copies. The owner keeps them alive: an output that counts references
/// knows what it is and passes a reference on. `bytes` may be empty where the owner alone can reach them (memory that
/// lies in several pieces); `size` always counts.
struct Payload {
    size_t size = 0;
    std::span<const uint8_t> bytes;
    std::shared_ptr<void> owner; ///< null: `bytes` are valid during the call only

    Payload() = default;
    Payload(std::span<const uint8_t> data) : size(data.size()), bytes(data) {}
    Payload(const std::vector<uint8_t>& data) : Payload(std::span<const uint8_t>(data)) {}
    Payload(size_t count, std::shared_ptr<void> keeper) : size(count), owner(std::move(keeper)) {}

    /// Bytes that the payload itself owns.
    static Payload owned(std::vector<uint8_t> data) {
        const auto kept = std::make_shared<std::vector<uint8_t>>(std::move(data));
        Payload made{std::span<const uint8_t>(*kept)};
        made.owner = kept;
        return made;
    }
};

} // namespace onair::mov
