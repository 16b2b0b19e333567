// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/guard.hpp"
#include "engine/messages.hpp"
#include "gstswsconvertscale-private.hpp"

#include <string>

namespace onair::sws {

Settings acting_settings(const GstSwsConvertScalePrivate& priv) {
    Settings settings = priv.settings;
    if (settings.direction == GST_VIDEO_ORIENTATION_AUTO) settings.direction = priv.tag_direction;
    return settings;
}

namespace {

Settings take_settings(GstSwsConvertScalePrivate& priv) {
    const std::lock_guard lock(priv.lock);
    priv.changed = false;
    return acting_settings(priv);
}

/// Nothing changes for the frames: neither a pixel nor the shape of one.
bool passes_through(const State& state, const Request& request) {
    return is_unchanged(request.in, request.out, request.quality) && request.placement.fills() && !request.window &&
           request.orientation.is_identity() && GST_VIDEO_INFO_FORMAT(&state.in) == GST_VIDEO_INFO_FORMAT(&state.out) &&
           Rational(GST_VIDEO_INFO_PAR_N(&state.in), GST_VIDEO_INFO_PAR_D(&state.in)) ==
               Rational(GST_VIDEO_INFO_PAR_N(&state.out), GST_VIDEO_INFO_PAR_D(&state.out));
}

void log_plan(GstSwsConvertScalePrivate& priv) {
    for (const auto& r : priv.report.stages)
        GST_DEBUG("%s to %s by %s: %s", describe(r.stage.in).c_str(), describe(r.stage.out).c_str(),
                  stage_kind_name(r.stage.kind), r.stage.why.c_str());
}

/// What other threads see of the conversion. `converter` is null while passing through.
void publish(GstSwsConvertScalePrivate& priv, const Request& request, const Converter* converter) {
    const std::lock_guard lock(priv.lock);
    priv.pointer_map = geometry_of(request);
    priv.report.stages = converter ? converter->stages() : std::vector<Converter::Running>{};
    log_plan(priv);
}

/// A crop that leaves nothing is not followed, and said once a stream.
void warn_about_crop(GstBaseTransform* trans, State& state, const Settings& settings) {
    if (state.warned_of_crop || crop_leaves_picture(state.source, settings)) return;
    state.warned_of_crop = true;
    const auto text = [](unsigned v) { return std::to_string(v); };
    gst::post_warning(GST_ELEMENT(trans),
                      sws::error(Msg::crop_too_large, {text(settings.crop_left), text(settings.crop_top),
                                                       text(settings.crop_right), text(settings.crop_bottom),
                                                       size_text(state.source.crop.width, state.source.crop.height)}));
}

} // namespace

void configure(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, State& state, const SourceFrame& source) {
    Settings settings = take_settings(priv);
    settings.peak = state.peak;
    const Request request = make_request(state.in, state.out, source, settings);
    const bool pass = passes_through(state, request);
    state.converter = pass ? nullptr : &priv.converters.get(request);
    state.source = source;
    state.geometry = geometry_of(request);
    publish(priv, request, state.converter);
    warn_about_crop(trans, state, settings);
    gst_base_transform_set_passthrough(trans, pass);
}

void follow(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, State& state, GstBuffer* buffer) {
    bool changed;
    {
        const std::lock_guard lock(priv.lock);
        changed = priv.changed;
    }
    // A frame that passes goes on with its crop meta where downstream itself allowed upstream to add one.
    const bool forwards = !state.converter && state.forwards_crops;
    const SourceFrame source = forwards ? state.source : source_frame_of(state.in, buffer);
    try {
        if (changed || !(source == state.source)) configure(trans, priv, state, source);
    } catch (...) {
        const std::lock_guard lock(priv.lock);
        priv.changed = true; // every frame is refused until the settings change again
        throw;
    }
    if (!state.converter || !forwards) return;
    state.forwards_crops = false; // from now on its own geometry matters
    follow(trans, priv, state, buffer);
}

GstEvent* follow_tags(GstBaseTransform* trans, GstSwsConvertScalePrivate& priv, GstEvent* event) {
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    GstVideoOrientationMethod method = GST_VIDEO_ORIENTATION_IDENTITY;
    if (!gst_video_orientation_from_tag(tags, &method)) return event;
    {
        const std::lock_guard lock(priv.lock);
        const bool follows = priv.settings.direction == GST_VIDEO_ORIENTATION_AUTO;
        const bool news = priv.tag_direction != method;
        priv.tag_direction = method;
        if (!follows) return event;
        priv.changed = priv.changed || news;
    }
    gst_base_transform_reconfigure_src(trans);
    GstTagList* upright = gst_tag_list_copy(tags);
    gst_tag_list_add(upright, GST_TAG_MERGE_REPLACE, GST_TAG_IMAGE_ORIENTATION, "rotate-0", nullptr);
    GstEvent* changed = gst_event_new_tag(upright);
    gst_event_set_seqnum(changed, gst_event_get_seqnum(event));
    gst_event_unref(event);
    return changed;
}

} // namespace onair::sws
