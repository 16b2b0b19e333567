// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttcmovmux-output.hpp"

#include <new>
#include <sys/stat.h>

namespace onair::mov {

namespace {

void drop_owner(gpointer owner) { delete static_cast<std::shared_ptr<void>*>(owner); }

/// Memory whose region would be a copy.
gsize unshareable(GstBuffer* buffer) {
    gsize bytes = 0;
    for (guint i = 0; i < gst_buffer_n_memory(buffer); ++i) {
        const GstMemory* memory = gst_buffer_peek_memory(buffer, i);
        if (GST_MEMORY_IS_NO_SHARE(memory)) bytes += memory->size;
    }
    return bytes;
}

} // namespace

PadOutput::PadOutput(GstAggregator* element) : element_(element) { seek(0); }

PadOutput::~PadOutput() = default;

void PadOutput::seek(uint64_t position) noexcept {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_BYTES);
    segment.start = position;
    segment.position = position;
    gst_aggregator_update_segment(element_, &segment);
    next_ = position;
}

bool PadOutput::push(uint64_t position, GstBuffer* buffer) noexcept {
    if (!buffer) flow_ = GST_FLOW_ERROR;
    if (flow_ != GST_FLOW_OK) {
        if (buffer) gst_buffer_unref(buffer);
        return false;
    }
    const gsize size = gst_buffer_get_size(buffer);
    if (position != next_) seek(position);
    GST_BUFFER_OFFSET(buffer) = position;
    GST_BUFFER_OFFSET_END(buffer) = position + size;
    next_ = position + size;
    if (grouping_) {
        gst_buffer_list_add(group_.get(), buffer);
        return true;
    }
    flow_ = gst_aggregator_finish_buffer(element_, buffer);
    return flow_ == GST_FLOW_OK;
}

bool PadOutput::write(uint64_t position, std::span<const uint8_t> bytes) noexcept {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
    if (buffer) gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
    return push(position, buffer);
}

/// Bytes of the engine's own: silence, or what was read from a file.
GstBuffer* PadOutput::wrapped(const Payload& payload) noexcept {
    auto* owner = new (std::nothrow) std::shared_ptr<void>(payload.owner);
    if (!owner) return nullptr;
    return gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, const_cast<uint8_t*>(payload.bytes.data()),
                                       payload.size, 0, payload.size, owner, drop_owner);
}

bool PadOutput::write_payload(uint64_t position, const Payload& payload) noexcept {
    if (!payload.owner) return write(position, payload.bytes);
    if (!payload.bytes.empty()) return push(position, wrapped(payload));
    auto* source = static_cast<GstBuffer*>(payload.owner.get());
    copied_ += unshareable(source);
    return push(position, gst_buffer_copy_region(source, GST_BUFFER_COPY_MEMORY, 0, payload.size));
}

bool PadOutput::read_payload(const Payload& payload,
                             const std::function<bool(std::span<const uint8_t>)>& take) noexcept {
    if (!payload.owner || !payload.bytes.empty()) return take(payload.bytes);
    auto* source = static_cast<GstBuffer*>(payload.owner.get());
    for (guint i = 0; i < gst_buffer_n_memory(source); ++i) { // memory by memory: mapping the buffer would merge them
        GstMemory* memory = gst_buffer_peek_memory(source, i);
        GstMapInfo info;
        if (!gst_memory_map(memory, &info, GST_MAP_READ)) return false;
        const bool taken = take({info.data, info.size});
        gst_memory_unmap(memory, &info);
        if (!taken) return false;
    }
    return true;
}

void PadOutput::begin_group() noexcept {
    group_.reset(gst_buffer_list_new());
    grouping_ = true;
}

bool PadOutput::end_group(bool durable) noexcept {
    grouping_ = false;
    const guint length = group_ ? gst_buffer_list_length(group_.get()) : 0;
    if (length == 0 || flow_ != GST_FLOW_OK) return flow_ == GST_FLOW_OK;
    GstBuffer* last = gst_buffer_list_get(group_.get(), length - 1);
    GST_BUFFER_FLAG_SET(last, GST_BUFFER_FLAG_MARKER);
    if (durable) GST_BUFFER_FLAG_SET(last, GST_BUFFER_FLAG_SYNC_AFTER);
    flow_ = gst_aggregator_finish_buffer_list(element_, group_.release());
    return flow_ == GST_FLOW_OK;
}

Payload payload_of(GstBuffer* buffer) {
    return {gst_buffer_get_size(buffer), std::shared_ptr<void>(gst_buffer_ref(buffer), [](void* held) {
                gst_buffer_unref(static_cast<GstBuffer*>(held));
            })};
}

bool is_seekable(GstAggregator* element) {
    GstQuery* query = gst_query_new_seeking(GST_FORMAT_BYTES);
    gboolean seekable = FALSE;
    if (gst_pad_peer_query(element->srcpad, query))
        gst_query_parse_seeking(query, nullptr, &seekable, nullptr, nullptr);
    gst_query_unref(query);
    return seekable;
}

bool can_sync(GstAggregator* element) {
    if (!is_seekable(element)) return false;
    GstQuery* query = gst_query_new_uri();
    gchar* uri = nullptr;
    if (gst_pad_peer_query(element->srcpad, query)) gst_query_parse_uri(query, &uri);
    gst_query_unref(query);
    const gst::CharPtr owned(uri), path(uri ? g_filename_from_uri(uri, nullptr, nullptr) : nullptr);
    struct stat info {};
    if (!path || stat(path.get(), &info) != 0) return true; // another sink, which knows what to do with the flag
    return S_ISREG(info.st_mode) || S_ISBLK(info.st_mode);
}

} // namespace onair::mov
