// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/timecode_choice.hpp"

#include "engine/messages.hpp"

namespace onair::mov {

namespace {

/// The rate to count at; a rate without timecode is an error that names the pad.
tc::Rate rate_of(const TimecodeQuestion& question, bool drop_frame, int base) {
    if (question.frame_rate.num <= 0) throw error(Msg::no_frame_rate, {question.pad});
    try {
        return {question.frame_rate, drop_frame, base};
    } catch (const Error& e) {
        throw error(Msg::timecode_rate, {question.pad, e.what()});
    }
}

TimecodeStart start_at(const TimecodeQuestion& question, const tc::Timecode& address, bool drop_frame,
                       TimecodeSource source) {
    validate(address, rate_of(question, drop_frame, source == TimecodeSource::property ? question.base : 0));
    TimecodeStart start;
    start.text = format(address, drop_frame);
    start.address = address;
    start.drop_frame = drop_frame;
    start.source = source;
    return start;
}

} // namespace

std::optional<TimecodeStart> choose_timecode(const TimecodeQuestion& question) {
    const bool from_property = question.source == TimecodeSource::property ||
                               (question.source == TimecodeSource::automatic && question.property);
    if (question.source == TimecodeSource::none) return std::nullopt;
    if (from_property) {
        TimecodeStart start = start_at(question, question.property.value().address, question.property->drop_frame,
                                       TimecodeSource::property);
        if (question.property->negative) start.text = "-" + start.text;
        if (question.carried) start.overridden = format(question.carried->address, question.carried->drop_frame);
        return start;
    }
    if (!question.carried) {
        if (question.source == TimecodeSource::meta) {
            if (question.frame_rate.num <= 0) throw error(Msg::no_frame_rate, {question.pad});
            throw error(Msg::meta_missing, {question.pad});
        }
        return std::nullopt;
    }
    const CarriedTimecode& carried = *question.carried;
    if (carried.rate.num > 0 && question.frame_rate.num > 0 && carried.rate != question.frame_rate)
        throw error(Msg::meta_rate, {question.pad, to_text(carried.rate), to_text(question.frame_rate)});
    return start_at(question, carried.address, carried.drop_frame, TimecodeSource::meta);
}

std::optional<tc::Parsed> read_timecode_property(TimecodeSource source, const std::string& text) {
    if (text.empty()) {
        if (source == TimecodeSource::property) throw error(Msg::timecode_missing, {});
        return std::nullopt;
    }
    return tc::parse(text, tc::Sign::allowed);
}

} // namespace onair::mov
