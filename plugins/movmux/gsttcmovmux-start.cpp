// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The beginning of a movie.
#include "common/gst/guard.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/first_packet.hpp"
#include "engine/messages.hpp"
#include "gsttcmovmux-private.hpp"

#include <gst/tag/tag.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace onair::mov {

namespace {

constexpr gsize first_bytes = 4096; // of the first packet, for what the caps do not tell

struct Tag {
    const char* gst;
    const char* av;
};
constexpr Tag tags[] = {
    {GST_TAG_TITLE, "title"},         {GST_TAG_ARTIST, "artist"},           {GST_TAG_ALBUM, "album"},
    {GST_TAG_COMMENT, "comment"},     {GST_TAG_DESCRIPTION, "description"}, {GST_TAG_GENRE, "genre"},
    {GST_TAG_COPYRIGHT, "copyright"},
};

std::vector<std::pair<std::string, std::string>> metadata_of(GstAggregator* element) {
    std::vector<std::pair<std::string, std::string>> out;
    const GstTagList* list = gst_tag_setter_get_tag_list(GST_TAG_SETTER(element));
    for (const Tag& tag : tags) {
        gchar* text = nullptr;
        if (list && gst_tag_list_get_string(list, tag.gst, &text)) out.emplace_back(tag.av, gst::CharPtr(text).get());
    }
    return out;
}

std::string text_of(const GstCaps* caps) {
    const gst::CharPtr text(caps ? gst_caps_to_string(caps) : nullptr);
    return text ? text.get() : "none";
}

std::vector<uint8_t> beginning_of(GstBuffer* buffer) {
    std::vector<uint8_t> bytes(std::min(first_bytes, gst_buffer_get_size(buffer)));
    bytes.resize(gst_buffer_extract(buffer, 0, bytes.data(), bytes.size()));
    return bytes;
}

void check_byte_order(const TrackSpec& track, GstBuffer* buffer) {
    const size_t size = gst_buffer_get_size(buffer);
    const PeekBytes peek = [&](size_t at, std::span<uint8_t> into) {
        return gst_buffer_extract(buffer, at, into.data(), into.size()) == into.size();
    };
    if (is_annex_b(*track.parameters, size, peek)) throw error(Msg::annex_b, {track.name});
}

TrackSpec track_of(GstAggregator* element, const State& state, const Input& input) {
    const PadStream& stream = input.stream();
    if (!stream.codec && !stream.missing.empty())
        throw error(Msg::caps_refused, {input.name(), text_of(stream.caps.get()), stream.missing});
    if (!stream.codec) throw error(Msg::no_caps, {input.name()});
    TrackSpec track;
    track.name = input.name();
    track.parameters = av::make_codec_parameters();
    if (avcodec_parameters_copy(track.parameters.get(), stream.codec->parameters.get()) < 0) throw std::bad_alloc();
    track.frame_rate = stream.codec->frame_rate;
    track.intra = stream.codec->intra;
    if (input.buffer) {
        track.first = beginning_of(input.buffer.get());
        complete_from_first_packet(*track.parameters, track.first);
        check_byte_order(track, input.buffer.get());
    }
    if (track.is_video())
        track.timecode = timecode_plan(element, state, input);
    else
        track.sample_bytes = stream.codec->unit_bytes;
    return track;
}

/// Pads that ended before any data, or have nothing when the others may wait no longer, are left out.
void leave_out(GstAggregator* element, const std::vector<Input>& inputs) {
    for (const Input& input : inputs) {
        PadStream& stream = input.stream();
        if (input.buffer || stream.left_out) continue;
        if (const std::string caps = refused_caps(input.pad.get()); input.eos && !caps.empty())
            throw error(Msg::caps_refused, {input.name(), caps, gstav::not_in_table});
        if (!input.eos && stream.codec) continue; // its track is known
        stream.left_out = true;
        gst::post_warning(GST_ELEMENT(element),
                          error(input.eos ? Msg::pad_without_data : Msg::pad_left_out, {input.name()}));
    }
}

void check_timecode_wanted(const State& state, const MovieSpec& movie) {
    const TimecodeSource source = state.settings.timecode_source;
    const bool wanted = source == TimecodeSource::property || source == TimecodeSource::meta ||
                        (source == TimecodeSource::automatic && state.timecode);
    const bool video =
        std::any_of(movie.tracks.begin(), movie.tracks.end(), [](const TrackSpec& t) { return t.is_video(); });
    if (wanted && !video) throw error(Msg::timecode_needs_video, {});
}

Mode choose_mode(GstAggregator* element, const Settings& settings) {
    if (settings.mode == WantedMode::faststart) return Mode::faststart;
    if (settings.mode == WantedMode::fragmented) return Mode::fragmented;
    const bool seekable = is_seekable(element);
    const bool hybrid = settings.mode == WantedMode::hybrid;
    if (hybrid || settings.mode == WantedMode::plain) {
        if (!seekable) throw error(Msg::not_seekable, {hybrid ? "hybrid" : "plain"});
        return hybrid ? Mode::hybrid : Mode::plain;
    }
    if (settings.faststart) return Mode::faststart;
    if (settings.fragment_duration_set || !seekable) return Mode::fragmented;
    return settings.fragment_duration == 0 ? Mode::plain : Mode::hybrid;
}

void tell_mode(GstAggregator* element, const MovieSpec& movie) {
    constexpr const char* names[] = {"plain", "faststart", "fragmented", "hybrid"};
    GstStructure* said = gst_structure_new("mode-chosen", "mode", G_TYPE_STRING, names[static_cast<size_t>(movie.mode)],
                                           "brand", G_TYPE_STRING, movie.brand == Brand::mp4 ? "mp4" : "qt", nullptr);
    GST_INFO_OBJECT(element, "%" GST_PTR_FORMAT, static_cast<void*>(said));
    gst_element_post_message(GST_ELEMENT(element), gst_message_new_element(GST_OBJECT(element), said));
}

Brand brand_of(GstAggregator* element, const Settings& settings) {
    if (settings.brand != WantedBrand::automatic)
        return settings.brand == WantedBrand::mp4 ? Brand::mp4 : Brand::quicktime;
    const gst::CapsPtr caps(gst_pad_get_current_caps(element->srcpad));
    const char* variant = caps ? gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "variant") : nullptr;
    return variant && std::strcmp(variant, "iso") == 0 ? Brand::mp4 : Brand::quicktime;
}

MovieSpec movie_of(GstAggregator* element, const State& state) {
    const Settings& settings = state.settings;
    MovieSpec movie;
    movie.metadata = metadata_of(element);
    movie.mode = choose_mode(element, settings);
    movie.brand = brand_of(element, settings);
    movie.timecode = {settings.timecode_tracks == TimecodeTracks::shared, settings.timecode_track_enabled,
                      settings.timecode_track_name, settings.language};
    movie.fragment_duration = std::max<int64_t>(settings.fragment_duration, 1) * GST_MSECOND;
    movie.timecode_wait = settings.timecode_wait < 0 ? movie.fragment_duration
                                                     : settings.timecode_wait * static_cast<int64_t>(GST_MSECOND);
    movie.temporary_file = settings.faststart_file;
    movie.sync = settings.sync == Sync::fragment && can_sync(element);
    movie.max_index_bytes = settings.max_index_bytes;
    return movie;
}

} // namespace

GstCaps* source_caps(const Settings& settings, const GstCaps* downstream) {
    constexpr const char* wanted[] = {
        "video/quicktime,variant=(string)apple;video/quicktime,variant=(string)iso;video/quicktime",
        "video/quicktime,variant=(string)apple;video/quicktime", "video/quicktime,variant=(string)iso"};
    const gst::CapsPtr own(gst_caps_from_string(wanted[static_cast<size_t>(settings.brand)]));
    return gst_caps_intersect_full(own.get(), const_cast<GstCaps*>(downstream), GST_CAPS_INTERSECT_FIRST);
}

void start_movie(GstAggregator* element, State& state, const std::vector<Input>& inputs) {
    leave_out(element, inputs);
    std::vector<TrackSpec> tracks;
    int64_t base = INT64_MAX;
    for (const Input& input : inputs) {
        if (input.stream().left_out) continue;
        tracks.push_back(track_of(element, state, input));
        if (input.buffer) base = std::min(base, presentation_time(input));
    }
    MovieSpec movie = movie_of(element, state);
    movie.tracks = std::move(tracks);
    check_timecode_wanted(state, movie);
    tell_mode(element, movie);
    state.base = base;
    size_t index = 0;
    for (const Input& input : inputs)
        if (!input.stream().left_out) input.stream().track = index++;
    state.output = std::make_unique<PadOutput>(element);
    state.writer = std::make_unique<MovWriter>(*state.output, std::move(movie), [element](const Error& doubt) {
        gst::post_warning(GST_ELEMENT(element), doubt);
    });
}

} // namespace onair::mov
