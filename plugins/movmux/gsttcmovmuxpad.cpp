// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttcmovmuxpad.hpp"

#include "common/gst/property.hpp"
#include "common/gst/ref_ptr.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

using namespace onair;
using namespace onair::mov;

struct GstTcMovMuxPadPrivate {
    PadStream* stream;
    std::string* refused; // under the object lock
};

G_DEFINE_TYPE_WITH_PRIVATE(GstTcMovMuxPad, gst_tc_mov_mux_pad, GST_TYPE_AGGREGATOR_PAD)

static GstTcMovMuxPadPrivate& priv_of(gpointer pad) {
    return *static_cast<GstTcMovMuxPadPrivate*>(gst_tc_mov_mux_pad_get_instance_private(GST_TC_MOV_MUX_PAD(pad)));
}

static void gst_tc_mov_mux_pad_init(GstTcMovMuxPad* self) {
    priv_of(self).stream = new PadStream();
    priv_of(self).refused = new std::string();
}

static void gst_tc_mov_mux_pad_finalize(GObject* object) {
    delete priv_of(object).stream;
    delete priv_of(object).refused;
    G_OBJECT_CLASS(gst_tc_mov_mux_pad_parent_class)->finalize(object);
}

static void gst_tc_mov_mux_pad_class_init(GstTcMovMuxPadClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = gst_tc_mov_mux_pad_finalize;
}

struct _GstTcMovMuxVideoPad {
    GstTcMovMuxPad parent;
    PadSettings* settings; // under the object lock
};

G_DEFINE_TYPE(GstTcMovMuxVideoPad, gst_tc_mov_mux_video_pad, GST_TYPE_TC_MOV_MUX_PAD)

using Row = gst::Property<PadSettings>;
static const std::array<Row, 2> properties{{
    {.field = &PadSettings::timecode,
     .name = "timecode",
     .nick = "Timecode",
     .blurb = "Timecode of this track's first picture; stands in for the element's property",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &PadSettings::reel_name,
     .name = "reel-name",
     .nick = "Reel name",
     .blurb = "Reel name of this track's timecode; stands in for the element's property",
     .flags = GST_PARAM_MUTABLE_READY},
}};

static void gst_tc_mov_mux_video_pad_init(GstTcMovMuxVideoPad* self) { self->settings = new PadSettings(); }

static void gst_tc_mov_mux_video_pad_finalize(GObject* object) {
    delete GST_TC_MOV_MUX_VIDEO_PAD(object)->settings;
    G_OBJECT_CLASS(gst_tc_mov_mux_video_pad_parent_class)->finalize(object);
}

static void gst_tc_mov_mux_video_pad_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    GST_OBJECT_LOCK(object);
    properties[id - 1].set(*GST_TC_MOV_MUX_VIDEO_PAD(object)->settings, value);
    GST_OBJECT_UNLOCK(object);
}

static void gst_tc_mov_mux_video_pad_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    GST_OBJECT_LOCK(object);
    properties[id - 1].get(*GST_TC_MOV_MUX_VIDEO_PAD(object)->settings, value);
    GST_OBJECT_UNLOCK(object);
}

static void gst_tc_mov_mux_video_pad_class_init(GstTcMovMuxVideoPadClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->finalize = gst_tc_mov_mux_video_pad_finalize;
    object_class->set_property = gst_tc_mov_mux_video_pad_set_property;
    object_class->get_property = gst_tc_mov_mux_video_pad_get_property;
    gst::install_properties(object_class, properties);
}

namespace onair::mov {

PadStream& pad_stream(GstAggregatorPad* pad) { return *priv_of(pad).stream; }

std::string refused_caps(GstAggregatorPad* pad) {
    GST_OBJECT_LOCK(pad);
    std::string caps = *priv_of(pad).refused;
    GST_OBJECT_UNLOCK(pad);
    return caps;
}

void set_refused_caps(GstAggregatorPad* pad, std::string caps) {
    GST_OBJECT_LOCK(pad);
    priv_of(pad).refused->swap(caps);
    GST_OBJECT_UNLOCK(pad);
}

PadSettings pad_settings(GstAggregatorPad* pad) {
    if (!GST_IS_TC_MOV_MUX_VIDEO_PAD(pad)) return {};
    GST_OBJECT_LOCK(pad);
    PadSettings copy = *GST_TC_MOV_MUX_VIDEO_PAD(pad)->settings;
    GST_OBJECT_UNLOCK(pad);
    return copy;
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

GType gtype_of(GstPadTemplate* templ) {
    GType type = GST_TYPE_TC_MOV_MUX_PAD;
    g_object_get(templ, "gtype", &type, nullptr);
    return type;
}

} // namespace

GstAggregatorPad* make_sink_pad(GstElement* element, GstPadTemplate* templ, const char* requested) {
    const std::string_view prefix = prefix_of(templ);
    const bool any = !requested || std::string_view(requested).find('%') != std::string_view::npos;
    const std::string name = any ? free_name(element, prefix) : requested;
    if (!any && (!fits(name, prefix) || name_taken(element, name))) return nullptr;
    return static_cast<GstAggregatorPad*>(
        g_object_new(gtype_of(templ), "name", name.c_str(), "direction", GST_PAD_SINK, "template", templ, nullptr));
}

} // namespace onair::mov
