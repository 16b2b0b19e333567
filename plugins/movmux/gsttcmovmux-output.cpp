// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttcmovmux-output.hpp"

namespace onair::mov {

PadOutput::PadOutput(GstAggregator* element) : element_(element) { seek(0); }

void PadOutput::seek(uint64_t position) noexcept {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_BYTES);
    segment.start = position;
    segment.position = position;
    gst_aggregator_update_segment(element_, &segment);
    next_ = position;
}

void PadOutput::set_source(GstBuffer* buffer, std::span<const uint8_t> bytes) noexcept {
    source_ = buffer;
    source_data_ = bytes.data();
}

bool PadOutput::push(uint64_t position, GstBuffer* buffer) noexcept {
    const gsize size = gst_buffer_get_size(buffer);
    if (position != next_) seek(position);
    GST_BUFFER_OFFSET(buffer) = position;
    GST_BUFFER_OFFSET_END(buffer) = position + size;
    next_ = position + size;
    flow_ = gst_aggregator_finish_buffer(element_, buffer);
    return flow_ == GST_FLOW_OK;
}

bool PadOutput::write(uint64_t position, std::span<const uint8_t> bytes) noexcept {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
    if (!buffer) {
        flow_ = GST_FLOW_ERROR;
        return false;
    }
    gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
    return push(position, buffer);
}

bool PadOutput::write_payload(uint64_t position, std::span<const uint8_t> bytes) noexcept {
    const gsize offset = static_cast<gsize>(bytes.data() - source_data_);
    GstBuffer* region = gst_buffer_copy_region(source_, GST_BUFFER_COPY_MEMORY, offset, bytes.size());
    return region ? push(position, region) : write(position, bytes);
}

bool is_seekable(GstAggregator* element) {
    GstQuery* query = gst_query_new_seeking(GST_FORMAT_BYTES);
    gboolean seekable = FALSE;
    if (gst_pad_peer_query(element->srcpad, query))
        gst_query_parse_seeking(query, nullptr, &seekable, nullptr, nullptr);
    gst_query_unref(query);
    return seekable;
}

} // namespace onair::mov
