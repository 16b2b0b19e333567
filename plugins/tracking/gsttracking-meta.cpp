// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Events that ride on buffers. A meta of an application's own would need this plugin's headers; a custom meta
// (GStreamer 1.20) needs nothing but its name:
//
//     GstCustomMeta *meta = gst_buffer_add_custom_meta(buffer, "GstTrackingEventMeta");
//     gst_structure_set(gst_custom_meta_get_structure(meta), "type", G_TYPE_STRING, "studio.goal.scored", NULL);
#include "gsttracking-port.hpp"

namespace onair::track {

namespace {

constexpr char meta_name[] = "GstTrackingEventMeta";

/// Null when nobody has registered it, which plugin_init does.
const GstMetaInfo* event_meta() {
    static const GstMetaInfo* const info = gst_meta_get_info(meta_name);
    return info;
}

} // namespace

void register_event_meta() {
    if (gst_meta_get_info(meta_name)) return; // an application may have been first: it is the same
    static const gchar* no_tags[] = {nullptr};
    gst_meta_register_custom(meta_name, no_tags, nullptr, nullptr, nullptr);
}

void for_each_event(GstBuffer* buffer, const std::function<void(const GstStructure*)>& each) {
    const GstMetaInfo* const info = event_meta();
    if (!info) return;
    gpointer state = nullptr;
    while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, info->api))
        each(gst_custom_meta_get_structure(reinterpret_cast<GstCustomMeta*>(meta)));
}

} // namespace onair::track
