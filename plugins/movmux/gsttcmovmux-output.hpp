// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "engine/output.hpp"

#include <gst/base/gstaggregator.h>

#include <cstdint>
#include <span>

namespace onair::mov {

/// The movie's bytes as buffers of the source pad; a position that does not follow becomes a segment in bytes, which
/// filesink takes as a seek. The memory of incoming buffers is passed on and not copied. After the first refusal
/// nothing more is pushed.
class PadOutput final : public Output {
  public:
    explicit PadOutput(GstAggregator* element);
    ~PadOutput() override;

    bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept override;
    bool write_payload(uint64_t position, const Payload& payload) noexcept override;
    bool read_payload(const Payload& payload,
                      const std::function<bool(std::span<const uint8_t>)>& take) noexcept override;
    /// A group goes out as one buffer list; its last buffer has the flag MARKER, and SYNC_AFTER when it is durable.
    void begin_group() noexcept override;
    bool end_group(bool durable) noexcept override;

    /// Why the output refused.
    GstFlowReturn flow() const noexcept { return flow_; }

    /// Bytes of incoming buffers that had to be copied: 0, except for memory that cannot be shared.
    uint64_t copied() const noexcept { return copied_; }

  private:
    bool push(uint64_t position, GstBuffer* buffer) noexcept;
    void seek(uint64_t position) noexcept;
    GstBuffer* wrapped(const Payload& payload) noexcept;

    GstAggregator* element_;
    gst::owned_mini<GstBufferList> group_;
    bool grouping_ = false;
    uint64_t next_ = 0;
    uint64_t copied_ = 0;
    GstFlowReturn flow_ = GST_FLOW_OK;
};

/// A payload that is an incoming buffer; it holds a reference.
Payload payload_of(GstBuffer* buffer);

/// True when downstream says that it can be seeked in bytes. No answer is no.
bool is_seekable(GstAggregator* element);

/// False when what is written cannot be put on a disk: pipes, sockets, devices such as /dev/null, where filesink's
/// fsync() would be an error.
bool can_sync(GstAggregator* element);

} // namespace onair::mov
