// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/ref_ptr.hpp"
#include "gstswsconvertscale-private.hpp"

#include <gst/video/gstvideopool.h>

namespace onair::sws {

namespace {

/// The safe layout (frame_view.hpp) in GStreamer's terms: strides and plane starts on 64 bytes, rows behind each plane,
/// bytes behind the last one. Three bytes a pixel need room behind each row as well.
GstVideoAlignment safe_layout(const GstVideoInfo& info) {
    GstVideoAlignment layout;
    gst_video_alignment_reset(&layout);
    layout.padding_bottom = 4; // rows: one of chroma where chroma has a quarter of them
    if (GST_VIDEO_INFO_COMP_PSTRIDE(&info, 0) == 3) layout.padding_right = (safe_alignment + 2) / 3;
    for (guint& mask : layout.stride_align)
        mask = safe_alignment - 1;
    return layout;
}

GstAllocationParams safe_memory() {
    GstAllocationParams params;
    gst_allocation_params_init(&params);
    params.align = safe_alignment - 1;
    params.padding = safe_tail;
    return params;
}

void use_safe_layout(GstStructure* config, const GstVideoInfo& info) {
    GstVideoAlignment layout = safe_layout(info);
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
    gst_buffer_pool_config_set_video_alignment(config, &layout);
}

/// A system-memory pool for frames of `info`; `safe` needs readers that follow GstVideoMeta.
GstBufferPool* make_pool(const GstVideoInfo& info, guint minimum, guint maximum, bool safe) {
    GstBufferPool* pool = gst_video_buffer_pool_new();
    const gst::CapsPtr caps(gst_video_info_to_caps(&info));
    GstStructure* config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps.get(), static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)), minimum,
                                      maximum);
    const GstAllocationParams params = safe_memory();
    gst_buffer_pool_config_set_allocator(config, nullptr, &params);
    if (safe) use_safe_layout(config, info);
    if (!gst_buffer_pool_set_config(pool, config)) {
        gst_object_unref(pool);
        return nullptr;
    }
    return pool;
}

/// Asks downstream's own pool for the safe layout. False when it has no such option; it is used as it is then.
bool configure_theirs(GstBufferPool* pool, const GstVideoInfo& info, guint size, guint minimum, guint maximum,
                      bool safe) {
    const gst::CapsPtr caps(gst_video_info_to_caps(&info));
    GstStructure* config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps.get(), size, minimum, maximum);
    if (safe && gst_buffer_pool_has_option(pool, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT))
        use_safe_layout(config, info);
    else if (gst_buffer_pool_has_option(pool, GST_BUFFER_POOL_OPTION_VIDEO_META))
        gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    if (gst_buffer_pool_set_config(pool, config)) return true;
    // The pool may have corrected the config to what it can do; take that when it still holds our frames.
    config = gst_buffer_pool_get_config(pool);
    if (gst_buffer_pool_config_validate_params(config, caps.get(), size, minimum, maximum))
        return gst_buffer_pool_set_config(pool, config);
    gst_structure_free(config);
    return false;
}

/// The size of the pool's buffers, which the layout may have made larger.
guint frame_bytes(GstBufferPool* pool) {
    const gst::StructurePtr config(gst_buffer_pool_get_config(pool));
    guint size = 0;
    gst_buffer_pool_config_get_params(config.get(), nullptr, &size, nullptr, nullptr);
    return size;
}

/// GstBaseTransform gives the query's first allocation parameters to the pool: they carry alignment and tail.
void offer_safe_memory(GstQuery* query) {
    GstAllocator* allocator = nullptr;
    GstAllocationParams params = safe_memory();
    if (gst_query_get_n_allocation_params(query) == 0) return gst_query_add_allocation_param(query, nullptr, &params);
    gst_query_parse_nth_allocation_param(query, 0, &allocator, &params);
    params.align |= safe_alignment - 1;
    params.padding = MAX(params.padding, safe_tail);
    gst_query_set_nth_allocation_param(query, 0, allocator, &params);
    gst_clear_object(&allocator);
}

} // namespace

void propose_pool(GstQuery* query, const GstVideoInfo& info) {
    GstCaps* caps = nullptr;
    gboolean need_pool = FALSE;
    gst_query_parse_allocation(query, &caps, &need_pool);
    gst::BufferPoolPtr pool(need_pool ? make_pool(info, 0, 0, true) : nullptr);
    gst_query_add_allocation_pool(query, pool.get(), static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)), 0, 0);
    const GstAllocationParams params = safe_memory();
    gst_query_add_allocation_param(query, nullptr, &params);
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    gst_query_add_allocation_meta(query, GST_VIDEO_CROP_META_API_TYPE, nullptr);
}

void decide_pool(GstQuery* query, const GstVideoInfo& info) {
    const bool safe = gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    GstBufferPool* theirs = nullptr;
    guint size = static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)), minimum = 0, maximum = 0;
    const bool offered = gst_query_get_n_allocation_pools(query) > 0;
    if (offered) gst_query_parse_nth_allocation_pool(query, 0, &theirs, &size, &minimum, &maximum);
    gst::BufferPoolPtr pool(theirs);
    size = MAX(size, static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)));
    if (pool && !configure_theirs(pool.get(), info, size, minimum, maximum, safe)) pool.reset();
    if (!pool) pool.reset(make_pool(info, minimum, maximum, safe));
    offer_safe_memory(query);
    if (!pool) {
        GST_WARNING("no pool for this layout, frames are allocated one by one");
        return;
    }
    size = MAX(size, frame_bytes(pool.get()));
    GST_DEBUG("pool %" GST_PTR_FORMAT ", safe layout %d", static_cast<void*>(pool.get()), safe);
    if (offered)
        gst_query_set_nth_allocation_pool(query, 0, pool.get(), size, minimum, maximum);
    else
        gst_query_add_allocation_pool(query, pool.get(), size, minimum, maximum);
}

} // namespace onair::sws
