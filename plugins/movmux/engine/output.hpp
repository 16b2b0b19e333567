// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/payload.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace onair::mov {

/// Where the bytes of a movie go. A false answer stops the writer: the output knows why and has said so.
class Output {
  public:
    virtual ~Output() = default;

    /// Writes `bytes` at `position` (from the start of the file). Positions go on where the last write ended, except
    /// when a size is filled in.
    virtual bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept = 0;

    /// The same for a packet: an output that counts references passes its owner's memory on and copies nothing.
    virtual bool write_payload(uint64_t position, const Payload& payload) noexcept = 0;

    /// Shows the bytes of a payload piece by piece, for a file of our own; false when they cannot be read, or `take`
    /// answers false.
    virtual bool read_payload(const Payload& payload,
                              const std::function<bool(std::span<const uint8_t>)>& take) noexcept {
        return take(payload.bytes);
    }

    /// What is written between these two belongs together: an output may hold it back until it is whole. The end
    /// answers as a write does. `durable`: all that was written so far is to be on the disk before anything else is.
    virtual void begin_group() noexcept {}
    virtual bool end_group(bool durable) noexcept {
        (void)durable;
        return true;
    }
};

/// Thrown by the writer when the output answered false. Not an Error: it has been reported already.
struct OutputStopped {};

} // namespace onair::mov
