// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "engine/converter_cache.hpp"
#include "engine/frame_times.hpp"
#include "gstswsconvertscale.h"

#include <gst/video/video.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

/// What the parts of the element share; the parts are: class and data flow (gstswsconvertscale.cpp), properties
/// (-properties.cpp), caps (-caps.cpp), formats (-formats.cpp), frames (-frames.cpp), buffer pools (-pool.cpp), threads
/// (-threads.cpp), from caps to a request (-plan.cpp), metas (-metas.cpp),
/// what changes between two frames (-follow.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_sws_convert_scale_debug);
#define GST_CAT_DEFAULT gst_sws_convert_scale_debug

namespace onair::sws {

/// `auto` leaves it to add-borders, which videoconvertscale has.
enum class FitSetting { automatic = 0, fill = 1, contain = 2, cover = 3, none = 4 };

/// The properties. Copied under the lock when a request is made.
struct Settings : Quality {
    Engine engine = Engine::automatic;
    unsigned n_threads = 0; ///< 0: automatic
    bool add_borders = true;
    FitSetting fit = FitSetting::automatic;
    unsigned border_color = 0xFF000000;                                    ///< ARGB, 8 bits each
    unsigned crop_left = 0, crop_top = 0, crop_right = 0, crop_bottom = 0; ///< pixels of the source
    unsigned size_multiple = 1;
    GstVideoOrientationMethod direction = GST_VIDEO_ORIENTATION_IDENTITY;
    bool operator==(const Settings&) const = default;

    /// What the size depends on that is chosen where the caps leave it open.
    bool same_size(const Settings& other) const;
};

/// What a buffer holds: one picture, two fields in turn, or one field.
enum class Scan { frame, fields, top, bottom };

/// What a buffer holds: GstVideoMeta may announce a larger frame than the caps, of which GstVideoCropMeta names a part.
struct SourceFrame {
    int width = 0, height = 0;
    Rect crop;
    Scan scan = Scan::frame;
    bool operator==(const SourceFrame&) const = default;
};

/// Of the stream; made by set_caps, dropped by stop.
struct State {
    GstVideoInfo in{}, out{};
    double peak = 1000;             ///< of PQ, cd/m²
    SourceFrame source;             ///< of the last buffer
    Geometry geometry;              ///< of the frames, for metas
    Converter* converter = nullptr; ///< null while passing through; the cache's
    bool forwards_crops = false;    ///< passing since the caps: downstream was asked what it takes
    bool warned_of_crop = false;
};

/// What the properties `plan` and `stats` show.
struct Report {
    std::vector<Converter::Running> stages;
    FrameTimes times;
};

// -properties.cpp
const char* stage_kind_name(Stage::Kind kind);
void install_properties(GObjectClass* klass);
void set_property(Settings& settings, guint id, const GValue* value);
/// `id` is a setting's, plan's or stats'.
void get_property(const Settings& settings, const Report& report, guint id, GValue* value);

// -caps.cpp
/// The features stand for plain system memory; frames of any other kind only pass through.
bool is_system_memory(const GstCapsFeatures* features);
GstCaps* template_caps();
GstCaps* transform_caps(GstPadDirection direction, GstCaps* caps, GstCaps* filter);
/// The brightest light of PQ material, cd/m²: the least of what the caps say of the display it was made on and of its
/// content; 1000 where they are silent.
double peak_of(GstCaps* caps);
GstCaps* fixate_caps(GstPadDirection direction, GstCaps* caps, GstCaps* othercaps, const Settings& settings);
/// The caps leave no choice of the size.
bool fixes_size(const GstCaps* caps);

// -plan.cpp
/// What a buffer of these caps holds; without a buffer what is hardest to convert.
Scan scan_of(const GstVideoInfo& info, GstBuffer* buffer);
/// Throws Error(negotiation) for what cannot be converted.
Request make_request(const GstVideoInfo& in, const GstVideoInfo& out, const SourceFrame& source,
                     const Settings& settings);
/// A frame that is all picture, as the caps have it.
SourceFrame whole_frame(const GstVideoInfo& info);
/// The crop-* properties leave something of the picture; else they are not followed.
bool crop_leaves_picture(const SourceFrame& source, const Settings& settings);
/// The part of the frame that the crop-* properties leave; around whole chroma samples and rows of fields where it
/// must.
Rect crop_of(const GstVideoInfo& in, const Format& format, const SourceFrame& source, const Settings& settings);
Orientation orientation_of(GstVideoOrientationMethod method);
/// The caps ask for another transfer function or other primaries, which libswscale alone does not convert.
bool colour_stays(const Request& request);

// -frames.cpp
/// Throws Error when the buffer's own geometry is not that of the caps.
SourceFrame source_frame_of(const GstVideoInfo& info, GstBuffer* buffer);
/// A mapped frame as the engine sees it. `exclusive`: for writing.
FrameView view_of(const GstVideoFrame& frame, const Format& format, bool exclusive);

// -metas.cpp
/// Puts what `meta` says of the input into `outbuf`; true when it says the same of both, and may be copied.
bool carry_meta(const State& state, GstBuffer* outbuf, GstMeta* meta, GstBuffer* inbuf);

// -pool.cpp
void propose_pool(GstQuery* query, const GstVideoInfo& info);
/// Puts a pool into the query that libswscale can write to directly where downstream allows it.
void decide_pool(GstQuery* query, const GstVideoInfo& info);

// -threads.cpp
/// The task pool that a context offers (GStreamer 1.28: gst.task.pool), or null.
GstTaskPool* task_pool_of(GstContext* context);
/// Asks the application for one.
void ask_for_task_pool(GstElement* element);
/// Runs bands on `pool`, or on up to `threads` threads of its own when it is null.
std::unique_ptr<Executor> make_executor(GstTaskPool* pool, unsigned threads);

} // namespace onair::sws

struct GstSwsConvertScalePrivate {
    std::mutex lock; ///< of what follows, which several threads use
    onair::sws::Settings settings;
    bool changed = false; ///< settings are newer than the state's
    std::optional<onair::sws::Geometry> pointer_map;
    GstVideoOrientationMethod tag_direction = GST_VIDEO_ORIENTATION_IDENTITY; ///< of the stream's tags
    bool size_fixed = false; ///< by downstream, when the caps were fixed
    onair::sws::Report report;
    onair::gst::owned<GstTaskPool, gst_object_unref> task_pool; ///< the application's; null: our own threads

    std::unique_ptr<onair::sws::State> state; ///< the streaming thread's own, as what follows
    onair::sws::ConverterCache converters;
    std::unique_ptr<onair::sws::Executor> executor; ///< from the first frame to stop()
    unsigned executor_threads = 0;
    bool warned_of_colour = false; ///< once from start to stop, not at each renegotiation
    onair::gst::CapsPtr refused_in,
        refused_out; ///< caps whose error was posted; refused_in is null when there are none
};

namespace onair::sws {

// -follow.cpp
/// The settings as they act: video-direction=auto is what the stream's tags say. Needs the lock.
Settings acting_settings(const GstSwsConvertScalePrivate& priv);
/// Takes the settings and the source as they are now. The converter that was made for them is swapped in, or none when
/// nothing is to be done. Throws Error.
void configure(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, State& state, const SourceFrame& source);
/// Settings that changed and crops that come with the buffers take effect between two frames. Throws Error.
void follow(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, State& state, GstBuffer* buffer);
/// video-direction=auto follows the tags, and what it did is no longer to be done downstream. Takes and gives `event`.
GstEvent* follow_tags(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, GstEvent* event);

} // namespace onair::sws
