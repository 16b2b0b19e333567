// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/output.hpp"

#include <gst/base/gstaggregator.h>

#include <cstdint>
#include <span>

namespace onair::mov {

/// The movie's bytes as buffers of the source pad; a position that does not follow becomes a segment in bytes, which
/// filesink takes as a seek. Payload is a region of the incoming buffer and is not copied.
class PadOutput final : public Output {
  public:
    explicit PadOutput(GstAggregator* element);

    /// The buffer whose `bytes` the writer gets; null when it is done.
    void set_source(GstBuffer* buffer, std::span<const uint8_t> bytes) noexcept;

    bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept override;
    bool write_payload(uint64_t position, std::span<const uint8_t> bytes) noexcept override;

    /// Why the output refused.
    GstFlowReturn flow() const noexcept { return flow_; }

  private:
    bool push(uint64_t position, GstBuffer* buffer) noexcept;
    void seek(uint64_t position) noexcept;

    GstAggregator* element_;
    GstBuffer* source_ = nullptr;
    const uint8_t* source_data_ = nullptr;
    uint64_t next_ = 0;
    GstFlowReturn flow_ = GST_FLOW_OK;
};

/// True when downstream says that it can be seeked in bytes. No answer is no.
bool is_seekable(GstAggregator* element);

} // namespace onair::mov
