// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"
#include "engine/converter.hpp"
#include "gstswsconvertscale.h"

#include <gst/video/video.h>

#include <memory>
#include <mutex>
#include <optional>

/// What the parts of the element share; the parts are: class and data flow (gstswsconvertscale.cpp), caps
/// (-caps.cpp), buffer pools (-pool.cpp), from caps to a plan (-plan.cpp).

GST_DEBUG_CATEGORY_EXTERN(gst_sws_convert_scale_debug);
#define GST_CAT_DEFAULT gst_sws_convert_scale_debug

namespace onair::sws {

/// The properties. Copied under the lock when a plan is made.
struct Settings {
    Method method = Method::bicubic;
    unsigned n_threads = 0; ///< 0: automatic
    bool add_borders = true;
};

/// Of the stream; made by set_caps, dropped by stop.
struct State {
    GstVideoInfo in{}, out{};
    std::unique_ptr<Converter> converter; ///< null while passing through
};

/// Where the source's picture lies in the output frame, for pointer positions.
struct PictureMap {
    Rect picture;
    int source_width, source_height;
};

// -caps.cpp
/// The features stand for plain system memory; frames of any other kind only pass through.
bool is_system_memory(const GstCapsFeatures* features);
GstCaps* template_caps();
GstCaps* transform_caps(GstPadDirection direction, GstCaps* caps, GstCaps* filter);
GstCaps* fixate_caps(GstPadDirection direction, GstCaps* caps, GstCaps* othercaps);

// -plan.cpp
/// Throws Error(negotiation) for what cannot be converted.
ConversionPlan make_plan(const GstVideoInfo& in, const GstVideoInfo& out, const Settings& settings);
/// The caps ask for another transfer function or other primaries, which stay as they are.
bool colour_stays(const GstVideoInfo& in, const GstVideoInfo& out);

// -pool.cpp
void propose_pool(GstQuery* query, const GstVideoInfo& info);
/// Puts a pool into the query that libswscale can write to directly where downstream allows it.
void decide_pool(GstQuery* query, const GstVideoInfo& info);

} // namespace onair::sws

struct GstSwsConvertScalePrivate {
    std::mutex lock; ///< of the three below, which several threads use
    onair::sws::Settings settings;
    bool changed = false; ///< settings are newer than the state's
    std::optional<onair::sws::PictureMap> pointer_map;

    std::unique_ptr<onair::sws::State> state; ///< the streaming thread's own, as what follows
    bool warned_of_colour = false;            ///< once from start to stop, not at each renegotiation
    onair::gst::CapsPtr refused_in,
        refused_out; ///< caps whose error was posted; refused_in is null when there are none
};
