// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The movie to its end.
#include "common/gst/guard.hpp"
#include "engine/messages.hpp"
#include "gsttcmovmux-private.hpp"

#include <gst/video/video.h>

#include <algorithm>

namespace onair::mov {

namespace {

/// Raw data must have the size that its caps need, without padding between the rows.
void check_size(const Input& input, const gstav::CodecStream& codec) {
    if (codec.unit_bytes == 0) return;
    const size_t size = gst_buffer_get_size(input.buffer.get());
    bool good =
        codec.parameters->codec_type == AVMEDIA_TYPE_AUDIO ? size % codec.unit_bytes == 0 : size == codec.unit_bytes;
    if (const GstVideoMeta* meta = gst_buffer_get_video_meta(input.buffer.get())) {
        GstVideoInfo info;
        good = good && gst_video_info_from_caps(&info, input.stream().caps.get()) && meta->offset[0] == 0 &&
               meta->stride[0] == GST_VIDEO_INFO_PLANE_STRIDE(&info, 0);
    }
    if (!good) throw error(Msg::frame_size, {input.name(), std::to_string(size), std::to_string(codec.unit_bytes)});
}

void write_buffer(GstAggregator* element, State& state, const Input& input) {
    const PadStream& stream = input.stream();
    GstBuffer* buffer = input.buffer.get();
    check_size(input, *stream.codec);
    Packet packet;
    packet.payload = payload_of(buffer);
    packet.key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    packet.times.pts = presentation_time(input) - state.base;
    if (const auto dts = running_time(input, GST_BUFFER_DTS(buffer))) packet.times.dts = *dts - state.base;
    if (GST_BUFFER_DURATION_IS_VALID(buffer)) packet.times.duration = static_cast<int64_t>(GST_BUFFER_DURATION(buffer));
    if (stream.codec->parameters->codec_type == AVMEDIA_TYPE_VIDEO) {
        packet.timecode = carried_timecode(buffer);
        tell_first_timecode(element, state, input);
    }
    state.writer->write(*stream.track, packet);
    tell_discontinuities(element, state);
}

GstFlowReturn finish(GstAggregator* element, State& state) {
    if (state.finished) return GST_FLOW_EOS;
    state.finished = true;
    state.writer->finish();
    tell_discontinuities(element, state);
    GST_INFO_OBJECT(element, "the movie is written; %" G_GUINT64_FORMAT " bytes of payload were copied",
                    state.output->copied());
    return GST_FLOW_EOS;
}

/// All pads ended before any data: there is nothing to write.
GstFlowReturn finish_empty(GstAggregator* element, State& state, const std::vector<Input>& inputs) {
    std::string names;
    for (const Input& input : inputs) {
        if (const std::string caps = refused_caps(input.pad.get()); !caps.empty())
            throw error(Msg::caps_refused, {input.name(), caps, gstav::not_in_table});
        names += (names.empty() ? "" : ", ") + input.name();
    }
    if (!state.finished) gst::post_warning(GST_ELEMENT(element), error(Msg::no_data, {names}));
    state.finished = true;
    return GST_FLOW_EOS;
}

GstFlowReturn do_step(GstAggregator* element, State& state, std::atomic<bool>& writing, bool timeout) {
    const std::vector<Input> inputs = inputs_of(element);
    if (inputs.empty()) return GST_FLOW_OK;
    if (drop_no_data(inputs)) return GST_FLOW_OK;
    const bool none = std::none_of(inputs.begin(), inputs.end(), [](const Input& i) { return bool(i.buffer); });
    const bool waits = std::any_of(inputs.begin(), inputs.end(), [&](const Input& i) {
        const bool known_without = !state.writer && i.stream().gap && i.stream().codec;
        return !i.buffer && !i.eos && !i.stream().left_out && !known_without;
    });
    if (waits && (!timeout || none)) return GST_AGGREGATOR_FLOW_NEED_DATA;
    if (!state.writer) {
        const bool ended = std::all_of(inputs.begin(), inputs.end(), [](const Input& i) { return i.eos; });
        if (ended) return finish_empty(element, state, inputs);
        if (none) return GST_AGGREGATOR_FLOW_NEED_DATA;
        start_movie(element, state, inputs);
        writing = true;
    }
    const Input* next = earliest(inputs);
    if (!next) return finish(element, state);
    // Taken from the pad before it is written (`next` holds a reference): the stream brings the next buffer meanwhile.
    gst_aggregator_pad_drop_buffer(next->pad.get());
    write_buffer(element, state, *next);
    return GST_FLOW_OK;
}

} // namespace

GstFlowReturn step(GstAggregator* element, State& state, std::atomic<bool>& writing, bool timeout) {
    if (state.failure != GST_FLOW_OK) return state.failure;
    try {
        return do_step(element, state, writing, timeout);
    } catch (const OutputStopped&) {
        GST_DEBUG_OBJECT(element, "downstream answered %s", gst_flow_get_name(state.output->flow()));
        state.finished = true; // nothing that is written may be touched again
        state.failure = state.output->flow();
        return state.failure;
    } catch (...) {
        fail(element, state, GST_FLOW_ERROR);
        throw;
    }
}

void fail(GstAggregator* element, State& state, GstFlowReturn flow) noexcept {
    state.failure = flow;
    if (!state.writer || state.finished) return;
    state.finished = true;
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
    const gst::CharPtr text(gst_caps_to_string(caps));
    std::string why;
    std::optional<gstav::CodecStream> codec = gstav::stream_from_caps(caps, why);
    const bool may_follow = why == gstav::codec_data_missing && !stream.track;
    if (!codec && !may_follow) throw error(Msg::caps_refused, {name.get(), text.get(), why});
    if (stream.track && stream.codec) {
        const bool same = gstav::same_description(*stream.codec->parameters, *codec->parameters) &&
                          stream.codec->frame_rate == codec->frame_rate;
        const gst::CharPtr old(gst_caps_to_string(stream.caps.get()));
        if (!same) throw error(Msg::caps_changed, {name.get(), old.get(), text.get()});
    }
    stream.caps.reset(gst_caps_copy(caps));
    stream.codec = std::move(codec);
    stream.missing = may_follow ? why : "";
}

} // namespace onair::mov
