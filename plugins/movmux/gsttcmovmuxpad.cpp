// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttcmovmuxpad.hpp"

#include "common/gst/ref_ptr.hpp"

#include <charconv>
#include <string>
#include <string_view>

using namespace onair;
using namespace onair::mov;

struct _GstTcMovMuxPad {
    GstAggregatorPad parent;
    PadStream* stream;
    std::string* refused; // under the object lock
};

G_DEFINE_TYPE(GstTcMovMuxPad, gst_tc_mov_mux_pad, GST_TYPE_AGGREGATOR_PAD)

static void gst_tc_mov_mux_pad_init(GstTcMovMuxPad* self) {
    self->stream = new PadStream();
    self->refused = new std::string();
}

static void gst_tc_mov_mux_pad_finalize(GObject* object) {
    delete GST_TC_MOV_MUX_PAD(object)->stream;
    delete GST_TC_MOV_MUX_PAD(object)->refused;
    G_OBJECT_CLASS(gst_tc_mov_mux_pad_parent_class)->finalize(object);
}

static void gst_tc_mov_mux_pad_class_init(GstTcMovMuxPadClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = gst_tc_mov_mux_pad_finalize;
}

namespace onair::mov {

PadStream& pad_stream(GstAggregatorPad* pad) { return *GST_TC_MOV_MUX_PAD(pad)->stream; }

std::string refused_caps(GstAggregatorPad* pad) {
    GST_OBJECT_LOCK(pad);
    std::string caps = *GST_TC_MOV_MUX_PAD(pad)->refused;
    GST_OBJECT_UNLOCK(pad);
    return caps;
}

void set_refused_caps(GstAggregatorPad* pad, std::string caps) {
    GST_OBJECT_LOCK(pad);
    GST_TC_MOV_MUX_PAD(pad)->refused->swap(caps);
    GST_OBJECT_UNLOCK(pad);
}

namespace {

bool name_taken(GstElement* element, const std::string& name) {
    const gst::PadPtr pad(gst_element_get_static_pad(element, name.c_str()));
    return pad != nullptr;
}

/// "video_" of "video_%u"
std::string_view prefix_of(const GstPadTemplate* templ) {
    const std::string_view name(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ));
    return name.substr(0, name.find('%'));
}

std::string free_name(GstElement* element, std::string_view prefix) {
    for (unsigned id = 0;; ++id) {
        std::string name = std::string(prefix) + std::to_string(id);
        if (!name_taken(element, name)) return name;
    }
}

bool fits(std::string_view name, std::string_view prefix) {
    if (name.substr(0, prefix.size()) != prefix) return false;
    unsigned id = 0;
    const auto [end, failure] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), id);
    return failure == std::errc() && end == name.data() + name.size();
}

} // namespace

GstAggregatorPad* make_sink_pad(GstElement* element, GstPadTemplate* templ, const char* requested) {
    const std::string_view prefix = prefix_of(templ);
    const bool any = !requested || std::string_view(requested).find('%') != std::string_view::npos;
    const std::string name = any ? free_name(element, prefix) : requested;
    if (!any && (!fits(name, prefix) || name_taken(element, name))) return nullptr;
    return static_cast<GstAggregatorPad*>(g_object_new(GST_TYPE_TC_MOV_MUX_PAD, "name", name.c_str(), "direction",
                                                       GST_PAD_SINK, "template", templ, nullptr));
}

} // namespace onair::mov
