// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Timecodes: what the pictures carry, what the properties ask for, and what the application hears of it.
#include "engine/messages.hpp"
#include "gsttcmovmux-private.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <utility>

namespace onair::mov {

namespace {

void post(GstAggregator* element, GstStructure* said) {
    GST_INFO_OBJECT(element, "%" GST_PTR_FORMAT, static_cast<void*>(said));
    gst_element_post_message(GST_ELEMENT(element), gst_message_new_element(GST_OBJECT(element), said));
}

/// One message for each track: where its timecode comes from, and which one it stands in for.
void tell_source(GstAggregator* element, const std::string& pad, const TimecodeStart& start) {
    GstStructure* said =
        gst_structure_new("timecode-source", "pad", G_TYPE_STRING, pad.c_str(), "source", G_TYPE_STRING,
                          start.source == TimecodeSource::property ? "property" : "meta", "timecode", G_TYPE_STRING,
                          start.text.c_str(), nullptr);
    if (!start.overridden.empty())
        gst_structure_set(said, "overridden", G_TYPE_STRING, start.overridden.c_str(), nullptr);
    post(element, said);
}

/// The pad's own property stands in for the element's.
TimecodeQuestion question_of(const State& state, const Input& input) {
    const PadSettings own = pad_settings(input.pad.get());
    TimecodeQuestion question;
    question.pad = input.name();
    question.source = state.settings.timecode_source;
    question.property = own.timecode.empty() ? state.timecode : tc::parse(own.timecode, tc::Sign::allowed);
    if (input.buffer) question.carried = carried_timecode(input.buffer.get());
    question.frame_rate = input.stream().codec->frame_rate;
    question.base = state.settings.timecode_base;
    return question;
}

bool from_property(const TimecodeQuestion& question) {
    return question.source == TimecodeSource::property ||
           (question.source == TimecodeSource::automatic && question.property);
}

} // namespace

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

std::optional<TimecodePlan> timecode_plan(GstAggregator* element, const State& state, const Input& input) {
    TimecodeQuestion question = question_of(state, input);
    if (question.source == TimecodeSource::none) return std::nullopt;
    const Settings& settings = state.settings;
    TimecodePlan plan;
    plan.runs.pad = question.pad;
    plan.runs.first = settings.first_timecode;
    plan.runs.base = settings.timecode_base;
    plan.running = settings.force_timecode;
    const PadSettings own = pad_settings(input.pad.get());
    plan.reel_name = own.reel_name.empty() ? settings.reel_name : own.reel_name;
    if (from_property(question)) {
        tell_source(element, question.pad, *choose_timecode(question));
        input.stream().told = true;
        plan.runs.forced = forced_start(*question.property, question.frame_rate, settings.timecode_base);
        return plan;
    }
    plan.required = question.source == TimecodeSource::meta;
    const bool may_be_late = plan.runs.first != FirstTimecode::error && question.frame_rate.num > 0;
    if (question.carried || !may_be_late) choose_timecode(question); // for its errors
    if (question.frame_rate.num <= 0) return std::nullopt;
    return plan;
}

void tell_first_timecode(GstAggregator* element, const State& state, const Input& input) {
    PadStream& stream = input.stream();
    if (stream.told || !input.buffer || state.settings.timecode_source == TimecodeSource::none) return;
    if (!gst_buffer_get_video_time_code_meta(input.buffer.get())) return;
    stream.told = true;
    if (const auto start = choose_timecode(question_of(state, input))) tell_source(element, input.name(), *start);
}

void tell_discontinuities(GstAggregator* element, State& state) {
    const std::vector<DiscontinuityReport> reports = state.writer->take_discontinuities();
    if (reports.empty()) return;
    const std::vector<Input> inputs = inputs_of(element);
    for (const DiscontinuityReport& report : reports) {
        const auto at = std::find_if(inputs.begin(), inputs.end(),
                                     [&](const Input& i) { return i.stream().track == report.track; });
        const std::string pad = at == inputs.end() ? "" : at->name();
        post(element, gst_structure_new(
                          "timecode-discontinuity", "pad", G_TYPE_STRING, pad.c_str(), "running-time", G_TYPE_UINT64,
                          static_cast<guint64>(std::max<int64_t>(0, state.base + report.at)), "old", G_TYPE_STRING,
                          report.what.expected.c_str(), "new", G_TYPE_STRING, report.what.found.c_str(), nullptr));
    }
}

} // namespace onair::mov
