// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The movie from the pads' first buffers to its end.
#include "common/gst/guard.hpp"
#include "common/gst/maps.hpp"
#include "common/gst/ref_ptr.hpp"
#include "engine/first_packet.hpp"
#include "engine/messages.hpp"
#include "gsttcmovmux-private.hpp"

#include <gst/tag/tag.h>
#include <gst/video/video.h>

#include <algorithm>
#include <vector>

namespace onair::mov {

namespace {

using AggregatorPadPtr = gst::owned<GstAggregatorPad, gst_object_unref>;

/// A pad in one step: its next buffer, if there is one.
struct Input {
    AggregatorPadPtr pad;
    gst::BufferPtr buffer;
    bool eos = false;

    std::string name() const {
        const gst::CharPtr text(gst_object_get_name(GST_OBJECT(pad.get())));
        return text.get();
    }
};

std::vector<Input> inputs_of(GstAggregator* element) {
    std::vector<Input> inputs;
    GST_OBJECT_LOCK(element);
    for (const GList* item = GST_ELEMENT(element)->sinkpads; item; item = item->next)
        inputs.push_back({AggregatorPadPtr(GST_AGGREGATOR_PAD(gst_object_ref(item->data))), nullptr, false});
    GST_OBJECT_UNLOCK(element);
    for (Input& input : inputs) {
        input.buffer.reset(gst_aggregator_pad_peek_buffer(input.pad.get()));
        input.eos = !input.buffer && gst_aggregator_pad_is_eos(input.pad.get());
    }
    return inputs;
}

std::string text_of(const GstCaps* caps) {
    const gst::CharPtr text(gst_caps_to_string(caps));
    return text ? text.get() : "none";
}

/// Running time in ns, negative before the segment; nothing for an invalid time.
std::optional<int64_t> running_time(const Input& input, GstClockTime time) {
    if (!GST_CLOCK_TIME_IS_VALID(time)) return std::nullopt;
    const GstSegment& segment = input.pad->segment;
    if (segment.format != GST_FORMAT_TIME)
        throw error(Msg::not_time, {input.name(), gst_format_get_name(segment.format)});
    guint64 running = 0;
    const gint sign = gst_segment_to_running_time_full(&segment, GST_FORMAT_TIME, time, &running);
    if (sign == 0) return std::nullopt;
    return sign > 0 ? static_cast<int64_t>(running) : -static_cast<int64_t>(running);
}

int64_t presentation_time(const Input& input) {
    const auto pts = running_time(input, GST_BUFFER_PTS(input.buffer.get()));
    if (!pts) throw error(Msg::no_pts, {input.name()});
    return *pts;
}

/// Gap events arrive as empty buffers: they say that time goes on, which the other pads' data shows as well.
bool is_empty(const Input& input) { return input.buffer && gst_buffer_get_size(input.buffer.get()) == 0; }

bool drop_empty(const std::vector<Input>& inputs) {
    bool dropped = false;
    for (const Input& input : inputs)
        if (is_empty(input)) dropped = gst_aggregator_pad_drop_buffer(input.pad.get()) || dropped;
    return dropped;
}

std::optional<CarriedTimecode> carried_timecode(GstBuffer* buffer) {
    const GstVideoTimeCodeMeta* meta = gst_buffer_get_video_time_code_meta(buffer);
    if (!meta) return std::nullopt;
    CarriedTimecode out;
    const GstVideoTimeCode& t = meta->tc;
    out.address = {static_cast<int>(t.hours), static_cast<int>(t.minutes), static_cast<int>(t.seconds),
                   static_cast<int>(t.frames)};
    out.drop_frame = t.config.flags & GST_VIDEO_TIME_CODE_FLAGS_DROP_FRAME;
    out.rate = Rational(t.config.fps_n, t.config.fps_d);
    return out;
}

/// One message for each track: where its timecode comes from, and which one it stands in for.
void tell_source(GstAggregator* element, const std::string& pad, const TimecodeStart& start) {
    GstStructure* said =
        gst_structure_new("timecode-source", "pad", G_TYPE_STRING, pad.c_str(), "source", G_TYPE_STRING,
                          start.source == TimecodeSource::property ? "property" : "meta", "timecode", G_TYPE_STRING,
                          start.text.c_str(), nullptr);
    if (!start.overridden.empty())
        gst_structure_set(said, "overridden", G_TYPE_STRING, start.overridden.c_str(), nullptr);
    GST_INFO_OBJECT(element, "%" GST_PTR_FORMAT, static_cast<void*>(said));
    gst_element_post_message(GST_ELEMENT(element), gst_message_new_element(GST_OBJECT(element), said));
}

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

TrackSpec track_of(const State& state, const Input& input) {
    const PadStream& stream = pad_stream(input.pad.get());
    if (!stream.codec) throw error(Msg::no_caps, {input.name()});
    TrackSpec track;
    track.name = input.name();
    track.parameters = av::make_codec_parameters();
    if (avcodec_parameters_copy(track.parameters.get(), stream.codec->parameters.get()) < 0) throw std::bad_alloc();
    track.frame_rate = stream.codec->frame_rate;
    track.intra = stream.codec->intra;
    const gst::BufferMap map(input.buffer.get(), GST_MAP_READ);
    if (!map) throw error(Msg::unreadable, {track.name});
    complete_from_first_packet(*track.parameters, map.bytes());
    if (track.parameters->codec_type == AVMEDIA_TYPE_AUDIO) {
        track.sample_bytes = stream.codec->unit_bytes;
        return track;
    }
    track.timecode = choose_timecode({track.name, state.settings.timecode_source, state.timecode,
                                      carried_timecode(input.buffer.get()), track.frame_rate});
    return track;
}

void check_pads(const std::vector<Input>& inputs) {
    const auto ended = std::find_if(inputs.begin(), inputs.end(), [](const Input& i) { return i.eos; });
    if (ended == inputs.end()) return;
    for (const Input& input : inputs)
        if (const std::string caps = refused_caps(input.pad.get()); input.eos && !caps.empty())
            throw error(Msg::caps_refused, {input.name(), caps, gstav::not_in_table});
    if (std::all_of(inputs.begin(), inputs.end(), [](const Input& i) { return i.eos; })) {
        std::string names;
        for (const Input& input : inputs)
            names += (names.empty() ? "" : ", ") + input.name();
        throw error(Msg::no_data, {names});
    }
    throw error(Msg::pad_without_data, {ended->name()});
}

void check_timecode_wanted(const State& state, const MovieSpec& movie) {
    const TimecodeSource source = state.settings.timecode_source;
    const bool wanted = source == TimecodeSource::property || source == TimecodeSource::meta ||
                        (source == TimecodeSource::automatic && state.timecode);
    const bool video = std::any_of(movie.tracks.begin(), movie.tracks.end(),
                                   [](const TrackSpec& t) { return t.parameters->codec_type == AVMEDIA_TYPE_VIDEO; });
    if (wanted && !video) throw error(Msg::timecode_needs_video, {});
}

/// All pads have their first buffer: everything is checked before the first byte goes out.
void start_movie(GstAggregator* element, State& state, const std::vector<Input>& inputs) {
    check_pads(inputs);
    MovieSpec movie;
    movie.reel_name = state.settings.reel_name;
    movie.metadata = metadata_of(element);
    state.base = INT64_MAX;
    for (const Input& input : inputs) {
        movie.tracks.push_back(track_of(state, input));
        state.base = std::min(state.base, presentation_time(input));
    }
    check_timecode_wanted(state, movie);
    if (!is_seekable(element)) throw error(Msg::not_seekable, {});
    for (size_t i = 0; i < inputs.size(); ++i) {
        pad_stream(inputs[i].pad.get()).track = i;
        if (const auto& timecode = movie.tracks[i].timecode) tell_source(element, movie.tracks[i].name, *timecode);
    }
    state.output = std::make_unique<PadOutput>(element);
    state.writer = std::make_unique<MovWriter>(*state.output, std::move(movie), [element](const Error& doubt) {
        gst::post_warning(GST_ELEMENT(element), doubt);
    });
}

/// Raw data must have the size that its caps need, without padding between the rows.
void check_size(const Input& input, const gstav::CodecStream& codec) {
    if (codec.unit_bytes == 0) return;
    const size_t size = gst_buffer_get_size(input.buffer.get());
    bool good =
        codec.parameters->codec_type == AVMEDIA_TYPE_AUDIO ? size % codec.unit_bytes == 0 : size == codec.unit_bytes;
    if (const GstVideoMeta* meta = gst_buffer_get_video_meta(input.buffer.get())) {
        GstVideoInfo info;
        good = good && gst_video_info_from_caps(&info, pad_stream(input.pad.get()).caps.get()) &&
               meta->offset[0] == 0 && meta->stride[0] == GST_VIDEO_INFO_PLANE_STRIDE(&info, 0);
    }
    if (!good) throw error(Msg::frame_size, {input.name(), std::to_string(size), std::to_string(codec.unit_bytes)});
}

/// Decoding order counts for the file's order; a buffer without a valid time goes first and is refused.
const Input* earliest(const std::vector<Input>& inputs) {
    const Input* best = nullptr;
    std::optional<int64_t> best_time;
    for (const Input& input : inputs) {
        if (!input.buffer || !pad_stream(input.pad.get()).track) continue;
        const std::optional<int64_t> time = running_time(input, GST_BUFFER_DTS_OR_PTS(input.buffer.get()));
        if (best && time && (!best_time || *time >= *best_time)) continue;
        best = &input;
        best_time = time;
    }
    return best;
}

void write_buffer(State& state, const Input& input) {
    const PadStream& stream = pad_stream(input.pad.get());
    GstBuffer* buffer = input.buffer.get();
    check_size(input, *stream.codec);
    const gst::BufferMap map(buffer, GST_MAP_READ);
    if (!map) throw error(Msg::unreadable, {input.name()});
    Packet packet;
    packet.bytes = map.bytes();
    packet.key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    packet.times.pts = presentation_time(input) - state.base;
    if (const auto dts = running_time(input, GST_BUFFER_DTS(buffer))) packet.times.dts = *dts - state.base;
    if (GST_BUFFER_DURATION_IS_VALID(buffer)) packet.times.duration = static_cast<int64_t>(GST_BUFFER_DURATION(buffer));
    state.output->set_source(buffer, packet.bytes);
    state.writer->write(*stream.track, packet);
    state.output->set_source(nullptr, {});
}

GstFlowReturn finish(State& state) {
    if (!state.finished) state.writer->finish();
    state.finished = true;
    return GST_FLOW_EOS;
}

GstFlowReturn do_step(GstAggregator* element, State& state, std::atomic<bool>& writing) {
    const std::vector<Input> inputs = inputs_of(element);
    if (inputs.empty()) return GST_FLOW_OK;
    if (drop_empty(inputs)) return GST_FLOW_OK;
    const bool waits = std::any_of(inputs.begin(), inputs.end(), [](const Input& i) { return !i.buffer && !i.eos; });
    if (waits) return GST_AGGREGATOR_FLOW_NEED_DATA;
    if (!state.writer) {
        start_movie(element, state, inputs);
        writing = true;
    }
    const Input* next = earliest(inputs);
    if (!next) return finish(state);
    write_buffer(state, *next);
    gst_aggregator_pad_drop_buffer(next->pad.get());
    return GST_FLOW_OK;
}

} // namespace

GstFlowReturn step(GstAggregator* element, State& state, std::atomic<bool>& writing) {
    if (state.failure != GST_FLOW_OK) return state.failure;
    try {
        return do_step(element, state, writing);
    } catch (const OutputStopped&) {
        GST_DEBUG_OBJECT(element, "downstream answered %s", gst_flow_get_name(state.output->flow()));
        return state.output->flow();
    } catch (...) {
        fail(element, state, GST_FLOW_ERROR);
        throw;
    }
}

void fail(GstAggregator* element, State& state, GstFlowReturn flow) noexcept {
    state.failure = flow;
    if (!state.writer || state.finished) return;
    state.finished = true;
    state.output->set_source(nullptr, {}); // the buffer that failed
    try {
        state.writer->finish();
        GST_INFO_OBJECT(element, "the movie is finished with what came before the error");
    } catch (const std::exception& e) {
        GST_WARNING_OBJECT(element, "after an error the movie could not be finished: %s", e.what());
    } catch (...) { // OutputStopped: downstream has said why
        GST_WARNING_OBJECT(element, "after an error the movie could not be finished");
    }
}

void take_caps(GstAggregatorPad* pad, const GstCaps* caps) {
    PadStream& stream = pad_stream(pad);
    const gst::CharPtr name(gst_object_get_name(GST_OBJECT(pad)));
    std::string why;
    std::optional<gstav::CodecStream> codec = gstav::stream_from_caps(caps, why);
    if (!codec) throw error(Msg::caps_refused, {name.get(), text_of(caps), why});
    if (stream.track && stream.codec) {
        const bool same = gstav::same_description(*stream.codec->parameters, *codec->parameters) &&
                          stream.codec->frame_rate == codec->frame_rate;
        if (!same) throw error(Msg::caps_changed, {name.get(), text_of(stream.caps.get()), text_of(caps)});
    }
    stream.caps.reset(gst_caps_copy(caps));
    stream.codec = std::move(codec);
}

} // namespace onair::mov
