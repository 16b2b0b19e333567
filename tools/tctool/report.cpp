// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include "engine/timecode_spans.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace onair::tctool {

using namespace onair::mov;

namespace {

constexpr size_t samples_in_text = 20;

/// What both forms say of a track.
struct TrackView {
    const FileTrack& track;
    std::vector<uint32_t> referred_by;
    std::vector<std::optional<Counting>> countings; ///< by description
    std::string start, last;
    double duration = 0; ///< of the presentation, seconds
    std::vector<std::string> doubts;

    std::string text(int64_t number, uint32_t description) const {
        const auto& counting = countings.at(description);
        if (!counting) return "";
        return tc::format_frames(number, counting->rate,
                                 track.descriptions[description].fields.flags & TmcdFields::negative);
    }
};

TrackView view(const TimecodeFile& file, const FileTrack& track) {
    TrackView out{track, {}, {}, {}, {}, 0, {}};
    for (const FileTrack& other : file.tracks)
        if (std::find(other.timecode_references.begin(), other.timecode_references.end(), track.id) !=
            other.timecode_references.end())
            out.referred_by.push_back(other.id);
    for (const TimecodeDescription& description : track.descriptions) {
        out.countings.push_back(counting_of(description.fields));
        if (!out.countings.back()) out.doubts.push_back("a description counts no time");
        if (out.countings.back() && !out.countings.back()->doubt.empty())
            out.doubts.push_back(out.countings.back()->doubt);
    }
    if (out.referred_by.empty()) out.doubts.push_back("no track refers to it");
    const std::vector<TimecodeSpan> spans = timecode_spans(file, track);
    if (spans.empty()) {
        out.doubts.push_back("it shows no timecode");
        return out;
    }
    const TimecodeSpan &first = spans.front(), &end = spans.back();
    out.duration = static_cast<double>(end.end - first.start) / 1e9;
    if (const auto& counting = out.countings[first.description])
        out.start = out.text(number_at(first, *counting, first.start), first.description);
    if (const auto& counting = out.countings[end.description])
        out.last = out.text(std::max(end.value, number_at(end, *counting, end.end) - 1), end.description);
    return out;
}

std::string printable(std::string text) {
    for (char& c : text)
        if (c < 0x20 || c > 0x7e) c = '?';
    return text;
}

std::string seconds(double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.3f", value);
    return buffer.data();
}

std::string flag_words(const TmcdFields& f) {
    std::string out;
    for (const auto& [bit, word] : {std::pair{TmcdFields::drop_frame, "drop frame"},
                                    {TmcdFields::wraps, "24 hours"},
                                    {TmcdFields::negative, "negative"},
                                    {TmcdFields::counter, "counter"}})
        if (f.flags & bit) out += (out.empty() ? "" : ", ") + std::string(word);
    return out.empty() ? "none" : out;
}

using Json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Json& json, const char* key, const std::string& value) {
    json.Key(key);
    json.String(value.c_str(), static_cast<rapidjson::SizeType>(value.size()));
}

void put_list(Json& json, const char* key, const std::vector<std::string>& values) {
    json.Key(key);
    json.StartArray();
    for (const std::string& value : values)
        json.String(value.c_str());
    json.EndArray();
}

void put_description(Json& json, const TimecodeDescription& description) {
    const TmcdFields& f = description.fields;
    json.StartObject();
    json.Key("frames_per_second"), json.Uint(f.frames);
    json.Key("timescale"), json.Uint(f.timescale);
    json.Key("frame_duration"), json.Uint(f.frame_duration);
    json.Key("drop_frame"), json.Bool(f.flags & TmcdFields::drop_frame);
    json.Key("wraps_at_24_hours"), json.Bool(f.flags & TmcdFields::wraps);
    json.Key("negative"), json.Bool(f.flags & TmcdFields::negative);
    json.Key("counter"), json.Bool(f.flags & TmcdFields::counter);
    put(json, "reel", printable(description.reel));
    json.EndObject();
}

void put_track(Json& json, const TrackView& v) {
    json.StartObject();
    json.Key("id"), json.Uint(v.track.id);
    json.Key("enabled"), json.Bool(v.track.enabled);
    json.Key("referred_by"), json.StartArray();
    for (const uint32_t id : v.referred_by)
        json.Uint(id);
    json.EndArray();
    put(json, "start", v.start);
    put(json, "last", v.last);
    json.Key("duration"), json.Double(v.duration);
    json.Key("descriptions"), json.StartArray();
    for (const TimecodeDescription& description : v.track.descriptions)
        put_description(json, description);
    json.EndArray();
    json.Key("samples"), json.StartArray();
    for (const TimecodeSample& s : v.track.timecodes) {
        json.StartObject();
        json.Key("time"), json.Double(static_cast<double>(s.time) / v.track.timescale);
        json.Key("duration"), json.Double(static_cast<double>(s.duration) / v.track.timescale);
        json.Key("frame_number"), json.Int(s.value);
        json.Key("description"), json.Uint(s.description);
        put(json, "timecode", v.text(s.value, s.description));
        json.EndObject();
    }
    json.EndArray();
    put_list(json, "doubts", v.doubts);
    json.EndObject();
}

std::string list_of(const std::vector<uint32_t>& ids) {
    std::string out;
    for (const uint32_t id : ids)
        out += (out.empty() ? "" : ", ") + std::to_string(id);
    return out.empty() ? "none" : out;
}

} // namespace

std::string json_report(const TimecodeFile& file, const std::string& name, const std::vector<std::string>& done) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "file", name);
    json.Key("fragmented"), json.Bool(file.fragmented);
    put_list(json, "done", done);
    json.Key("tracks"), json.StartArray();
    for (const FileTrack* track : file.timecode_tracks())
        put_track(json, view(file, *track));
    json.EndArray();
    json.EndObject();
    return std::string(buffer.GetString()) + "\n";
}

std::string text_report(const TimecodeFile& file, const std::string& name, const std::vector<std::string>& done) {
    std::string out = name + (file.fragmented ? ": fragmented\n" : "\n");
    for (const std::string& what : done)
        out += "changed: " + what + "\n";
    if (file.timecode_tracks().empty()) out += "no timecode track\n";
    for (const FileTrack* track : file.timecode_tracks()) {
        const TrackView v = view(file, *track);
        out += "track " + std::to_string(track->id) + ": " + v.start + " to " + v.last + ", " + seconds(v.duration) +
               " s, " + (track->enabled ? "enabled" : "not enabled") + ", referred to by " + list_of(v.referred_by) +
               "\n";
        for (const TimecodeDescription& d : track->descriptions)
            out += "  " + std::to_string(d.fields.frames) + " a second, one in " +
                   std::to_string(d.fields.frame_duration) + "/" + std::to_string(d.fields.timescale) +
                   " s; flags: " + flag_words(d.fields) + "; reel: " + (d.reel.empty() ? "none" : printable(d.reel)) +
                   "\n";
        for (size_t i = 0; i < std::min(track->timecodes.size(), samples_in_text); ++i) {
            const TimecodeSample& s = track->timecodes[i];
            out += "  " + seconds(static_cast<double>(s.time) / track->timescale) + " s  " +
                   v.text(s.value, s.description) + "  (" + std::to_string(s.value) + ")\n";
        }
        if (track->timecodes.size() > samples_in_text)
            out += "  and " + std::to_string(track->timecodes.size() - samples_in_text) + " samples more (--json)\n";
        for (const std::string& doubt : v.doubts)
            out += "  doubt: " + doubt + "\n";
    }
    return out;
}

} // namespace onair::tctool
