// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstdint>
#include <span>

namespace onair::mov {

/// Where the bytes of a movie go. A false answer stops the writer: the output knows why and has said so.
class Output {
  public:
    virtual ~Output() = default;

    /// Writes `bytes` at `position` (from the start of the file). Positions go on where the last write ended, except
    /// when a size is filled in.
    virtual bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept = 0;

    /// The same for a whole or a part of the packet that is being written: the bytes are the caller's own memory, so an
    /// output that counts references need not copy them.
    virtual bool write_payload(uint64_t position, std::span<const uint8_t> bytes) noexcept = 0;
};

/// Thrown by the writer when the output answered false. Not an Error: it has been reported already.
struct OutputStopped {};

} // namespace onair::mov
