// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies at the pads.
#include "gsttcmovmux-inputs.hpp"

#include "engine/messages.hpp"

#include <algorithm>

namespace onair::mov {

std::string Input::name() const {
    const gst::CharPtr text(gst_object_get_name(GST_OBJECT(pad.get())));
    return text.get();
}

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

bool drop_no_data(const std::vector<Input>& inputs) {
    bool dropped = false;
    for (const Input& input : inputs) {
        if (!input.buffer) continue;
        PadStream& stream = input.stream();
        const bool empty = gst_buffer_get_size(input.buffer.get()) == 0;
        if (!empty && !stream.left_out) continue;
        stream.gap = stream.gap || empty;
        dropped = gst_aggregator_pad_drop_buffer(input.pad.get()) || dropped;
    }
    return dropped;
}

const Input* earliest(const std::vector<Input>& inputs) {
    const Input* best = nullptr;
    std::optional<int64_t> best_time;
    for (const Input& input : inputs) {
        if (!input.buffer || !input.stream().track) continue;
        const std::optional<int64_t> time = running_time(input, GST_BUFFER_DTS_OR_PTS(input.buffer.get()));
        if (best && time && (!best_time || *time >= *best_time)) continue;
        best = &input;
        best_time = time;
    }
    return best;
}

std::optional<int64_t> earliest_time(GstAggregator* element) noexcept {
    std::optional<int64_t> found;
    try {
        for (const Input& input : inputs_of(element)) {
            if (!input.buffer) continue;
            const std::optional<int64_t> time = running_time(input, GST_BUFFER_DTS_OR_PTS(input.buffer.get()));
            if (time) found = found ? std::min(*found, *time) : *time;
        }
    } catch (...) { // a segment without times: the step says so
    }
    return found;
}

} // namespace onair::mov
