// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// SECTION:element-tcstamper
///
/// Puts the timecode of a movie file onto its pictures as GstVideoTimeCodeMeta, which qtdemux does not do.
///
///     gst-launch-1.0 filesrc location=in.mov ! qtdemux ! tcstamper location=in.mov ! tcmovmux !
///         filesink location=out.mov
///
/// Since: 0.1
#include "gsttcstamper.h"

#include "common/gst/guard.hpp"
#include "common/gst/property.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/file_bytes.hpp"
#include "engine/messages.hpp"
#include "engine/timecode_lookup.hpp"
#include "onair-config.h"

#include <gst/video/video.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

GST_DEBUG_CATEGORY_STATIC(gst_tc_stamper_debug);
#define GST_CAT_DEFAULT gst_tc_stamper_debug

using namespace onair;
using namespace onair::mov;
using onair::gst::guard;

namespace {

struct Settings {
    std::string location;
    int track = -1;
    bool require = true;
};

/// Of one stream; made at start, dropped at stop.
struct State {
    std::string location;
    std::unique_ptr<TimecodeLookup> lookup; ///< null: the file has none, and it was not required
    Rational frame_rate;
    uint64_t not_stamped = 0;
    bool warned = false;
};

} // namespace

using Row = gst::Property<Settings>;
static const std::array<Row, 3> properties{{
    {.field = &Settings::location,
     .name = "location",
     .nick = "Location",
     .blurb = "The movie file (QuickTime, MP4) whose timecode is put onto the buffers: the one that is played",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::track,
     .name = "track",
     .nick = "Track",
     .blurb = "Which of the file's timecode tracks, from 0; -1: the one that the first video track refers to",
     .minimum = -1,
     .maximum = 255,
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::require,
     .name = "require",
     .nick = "Require",
     .blurb = "A file without timecode track is an error; otherwise a warning, and the buffers pass as they are",
     .flags = GST_PARAM_MUTABLE_READY},
}};

struct GstTcStamperPrivate {
    std::mutex lock; ///< of the settings
    Settings settings;
    std::unique_ptr<State> state; ///< the streaming thread's own
};

struct _GstTcStamper {
    GstBaseTransform parent;
    GstTcStamperPrivate* priv;
};

G_DEFINE_TYPE(GstTcStamper, gst_tc_stamper, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(tcstamper, "tcstamper", GST_RANK_NONE, GST_TYPE_TC_STAMPER)

static GstTcStamperPrivate& priv_of(gpointer self) { return *GST_TC_STAMPER(self)->priv; }

static void gst_tc_stamper_init(GstTcStamper* self) {
    self->priv = new GstTcStamperPrivate();
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
    gst_base_transform_set_gap_aware(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_tc_stamper_finalize(GObject* object) {
    delete GST_TC_STAMPER(object)->priv;
    G_OBJECT_CLASS(gst_tc_stamper_parent_class)->finalize(object);
}

static void gst_tc_stamper_set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    properties[id - 1].set(priv.settings, value);
}

static void gst_tc_stamper_get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& priv = priv_of(object);
    const std::lock_guard lock(priv.lock);
    properties[id - 1].get(priv.settings, value);
}

/// Reads the file's timecode; nothing of it is open afterwards.
static std::unique_ptr<State> read_state(GstElement* element, const Settings& settings) {
    if (settings.location.empty()) throw mov::error(Msg::stamp_no_location, {});
    auto state = std::make_unique<State>();
    state->location = settings.location;
    const FileBytes bytes(settings.location);
    const TimecodeFile file = read_timecode_file(bytes.size(), bytes.reader());
    if (file.timecode_tracks().empty()) {
        const Error none = mov::error(Msg::file_no_timecode, {settings.location});
        if (settings.require) throw none;
        gst::post_warning(element, none);
        return state;
    }
    state->lookup = std::make_unique<TimecodeLookup>(file, settings.track, settings.location);
    GST_INFO_OBJECT(element, "timecode track %u of %s, %zu spans", state->lookup->track_id(), settings.location.c_str(),
                    state->lookup->spans().size());
    for (const std::string& doubt : state->lookup->doubts())
        GST_WARNING_OBJECT(element, "timecode track %u: %s", state->lookup->track_id(), doubt.c_str());
    return state;
}

static gboolean gst_tc_stamper_start(GstBaseTransform* trans) {
    return guard(GST_ELEMENT(trans), FALSE, [&]() -> gboolean {
        auto& priv = priv_of(trans);
        Settings settings;
        {
            const std::lock_guard lock(priv.lock);
            settings = priv.settings;
        }
        priv.state = read_state(GST_ELEMENT(trans), settings);
        return TRUE;
    });
}

static gboolean gst_tc_stamper_stop(GstBaseTransform* trans) {
    auto& priv = priv_of(trans);
    if (priv.state && priv.state->not_stamped)
        GST_INFO_OBJECT(trans, "%" G_GUINT64_FORMAT " buffers got no timecode", priv.state->not_stamped);
    priv.state.reset();
    return TRUE;
}

static gboolean gst_tc_stamper_set_caps(GstBaseTransform* trans, GstCaps* in, GstCaps*) {
    auto& priv = priv_of(trans);
    if (!priv.state) return TRUE;
    gint num = 0, den = 1;
    gst_structure_get_fraction(gst_caps_get_structure(in, 0), "framerate", &num, &den);
    priv.state->frame_rate = Rational(num, den);
    return TRUE;
}

/// The same memory, with room for the meta: never a copy of the data.
static GstFlowReturn gst_tc_stamper_prepare_output_buffer(GstBaseTransform*, GstBuffer* in, GstBuffer** out) {
    *out = gst_buffer_is_writable(in) ? in : gst_buffer_copy(in);
    return *out ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static gboolean remove_timecode(GstBuffer*, GstMeta** meta, gpointer) {
    if ((*meta)->info->api == GST_VIDEO_TIME_CODE_META_API_TYPE) *meta = nullptr;
    return TRUE;
}

/// False when GStreamer has no timecode at this rate: 1.22 has none at 120000/1001.
static bool put(GstBuffer* buffer, const Stamp& stamp) {
    GstVideoTimeCode code{};
    code.config.fps_n = static_cast<guint>(stamp.rate.fps().num);
    code.config.fps_d = static_cast<guint>(stamp.rate.fps().den);
    code.config.flags = stamp.rate.drop_frame() ? GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME : GST_VIDEO_TIME_CODE_FLAGS_NONE;
    code.hours = static_cast<guint>(stamp.address.hours);
    code.minutes = static_cast<guint>(stamp.address.minutes);
    code.seconds = static_cast<guint>(stamp.address.seconds);
    code.frames = static_cast<guint>(stamp.address.frames);
    if (!gst_video_time_code_is_valid(&code)) return false;
    gst_buffer_foreach_meta(buffer, remove_timecode, nullptr);
    return gst_buffer_add_video_time_code_meta(buffer, &code) != nullptr;
}

static void stamp(GstBaseTransform* trans, State& state, GstBuffer* buffer) {
    const guint64 time = gst_segment_to_stream_time(&trans->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    std::optional<Stamp> found;
    if (GST_CLOCK_TIME_IS_VALID(time)) found = state.lookup->at(static_cast<int64_t>(time), state.frame_rate);
    if (!found) {
        ++state.not_stamped;
        return;
    }
    if (put(buffer, *found)) return;
    ++state.not_stamped;
    if (state.warned) return;
    state.warned = true;
    gst::post_warning(GST_ELEMENT(trans),
                      mov::error(Msg::stamp_not_counted,
                                 {state.location, "GStreamer has no timecode at " + to_text(found->rate.fps()) +
                                                      " frames a second. (Said once.)"}));
}

static GstFlowReturn gst_tc_stamper_transform_ip(GstBaseTransform* trans, GstBuffer* buffer) {
    return guard(GST_ELEMENT(trans), GST_FLOW_ERROR, [&] {
        auto& priv = priv_of(trans);
        if (priv.state && priv.state->lookup && trans->segment.format == GST_FORMAT_TIME)
            stamp(trans, *priv.state, buffer);
        return GST_FLOW_OK;
    });
}

static void gst_tc_stamper_class_init(GstTcStamperClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    auto* element_class = GST_ELEMENT_CLASS(klass);
    auto* trans_class = GST_BASE_TRANSFORM_CLASS(klass);
    GST_DEBUG_CATEGORY_INIT(gst_tc_stamper_debug, "tcstamper", 0, "Timecode of a movie file onto its pictures");

    object_class->finalize = gst_tc_stamper_finalize;
    object_class->set_property = gst_tc_stamper_set_property;
    object_class->get_property = gst_tc_stamper_get_property;
    gst::install_properties(object_class, properties);

    const gst::CapsPtr any(gst_caps_new_any());
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any.get()));
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, any.get()));
    gst_element_class_set_static_metadata(element_class, "Timecode stamper from a movie file", "Filter/Video/Metadata",
                                          "Puts a movie file's own timecode onto its pictures", ONAIR_AUTHOR);
    gst_element_class_add_static_metadata(element_class, GST_ELEMENT_METADATA_DOC_URI, ONAIR_DOC_URI "/tcstamper.md");

    trans_class->start = GST_DEBUG_FUNCPTR(gst_tc_stamper_start);
    trans_class->stop = GST_DEBUG_FUNCPTR(gst_tc_stamper_stop);
    trans_class->set_caps = GST_DEBUG_FUNCPTR(gst_tc_stamper_set_caps);
    trans_class->prepare_output_buffer = GST_DEBUG_FUNCPTR(gst_tc_stamper_prepare_output_buffer);
    trans_class->transform_ip = GST_DEBUG_FUNCPTR(gst_tc_stamper_transform_ip);
}
