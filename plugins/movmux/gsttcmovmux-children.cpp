// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pads as children of the element, so that gst-launch's `video_1::timecode=…` reaches them.
#include "common/gst/ref_ptr.hpp"
#include "gsttcmovmux-private.hpp"

namespace onair::mov {

namespace {

GObject* child_by_index(GstChildProxy* proxy, guint index) {
    GST_OBJECT_LOCK(proxy);
    gpointer found = g_list_nth_data(GST_ELEMENT(proxy)->sinkpads, index);
    if (found) gst_object_ref(found);
    GST_OBJECT_UNLOCK(proxy);
    return static_cast<GObject*>(found);
}

guint children_count(GstChildProxy* proxy) {
    GST_OBJECT_LOCK(proxy);
    const guint count = GST_ELEMENT(proxy)->numsinkpads;
    GST_OBJECT_UNLOCK(proxy);
    return count;
}

} // namespace

void init_child_proxy(gpointer iface, gpointer) {
    auto* proxy = static_cast<GstChildProxyInterface*>(iface);
    proxy->get_child_by_index = child_by_index;
    proxy->get_children_count = children_count;
}

void tell_child(GstElement* element, GstPad* pad, bool added) {
    const gst::CharPtr name(gst_object_get_name(GST_OBJECT(pad)));
    if (added)
        gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), name.get());
    else
        gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), name.get());
}

} // namespace onair::mov
