// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of the element.
#include "gsttcmovmux-settings.hpp"

#include "common/gst/enum_type.hpp"
#include "common/gst/property.hpp"
#include "engine/messages.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace onair::mov {

namespace {

GType mode_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(WantedMode::automatic), "Hybrid to a file, fragmented where the output cannot be seeked",
         "auto"},
        {static_cast<gint>(WantedMode::plain), "The movie box behind the media", "plain"},
        {static_cast<gint>(WantedMode::faststart), "The movie box before the media, through a temporary file",
         "faststart"},
        {static_cast<gint>(WantedMode::fragmented), "Movie fragments", "fragmented"},
        {static_cast<gint>(WantedMode::hybrid), "Movie fragments that become a plain movie at the end", "hybrid"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxMode", values);
}

GType sync_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(Sync::none), "When the system likes", "none"},
        {static_cast<gint>(Sync::fragment), "Behind each fragment, and at the two steps of the end", "fragment"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxSync", values);
}

GType brand_type() {
    static const GEnumValue values[] = {{static_cast<gint>(WantedBrand::automatic),
                                         "MP4 when downstream takes variant=iso only, else QuickTime", "auto"},
                                        {static_cast<gint>(WantedBrand::quicktime), "QuickTime", "qt"},
                                        {static_cast<gint>(WantedBrand::mp4), "MP4", "mp4"},
                                        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxBrand", values);
}

GType timecode_source_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(TimecodeSource::automatic), "The property, else the pictures', else none", "auto"},
        {static_cast<gint>(TimecodeSource::property), "The property timecode", "property"},
        {static_cast<gint>(TimecodeSource::meta), "The pictures' (GstVideoTimeCodeMeta)", "meta"},
        {static_cast<gint>(TimecodeSource::none), "No timecode track", "none"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxTimecodeSource", values);
}

GType first_timecode_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(FirstTimecode::extrapolate), "Counted back to the first picture", "extrapolate"},
        {static_cast<gint>(FirstTimecode::gap), "The timecode track begins later", "gap"},
        {static_cast<gint>(FirstTimecode::error), "An error", "error"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxFirstTimecode", values);
}

GType timecode_tracks_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(TimecodeTracks::per_video), "One for each video track", "per-video"},
        {static_cast<gint>(TimecodeTracks::shared), "The first video track's, for all tracks", "shared"},
        {0, nullptr, nullptr}};
    return gst::register_enum("GstTcMovMuxTimecodeTracks", values);
}

using Row = gst::Property<Settings>;
const std::array<Row, 18> properties{{
    {.field = gst::enum_field<Settings, &Settings::mode, mode_type>(),
     .name = "mode",
     .nick = "Mode",
     .blurb = "How the file is laid out",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::faststart,
     .name = "faststart",
     .nick = "Faststart",
     .blurb = "With mode=auto: the movie box before the media, as mode=faststart (the name that qtmux has)",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::faststart_file,
     .name = "faststart-file",
     .nick = "Faststart file",
     .blurb = "Temporary file that holds the media in faststart mode; none: one without a name in TMPDIR or /var/tmp",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::fragment_duration,
     .name = "fragment-duration",
     .nick = "Fragment duration",
     .blurb = "Duration of a fragment in ms; set above 0 with mode=auto it means mode=fragmented, as with qtmux",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = gst::enum_field<Settings, &Settings::sync, sync_type>(),
     .name = "sync",
     .nick = "Sync",
     .blurb =
         "When filesink is asked to put what it wrote on the disk (GST_BUFFER_FLAG_SYNC_AFTER); modes with fragments",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::max_index_bytes,
     .name = "max-index-bytes",
     .nick = "Most index bytes",
     .blurb =
         "Memory that the index of a hybrid movie may take; beyond it the file stays a movie of fragments. 0: no limit",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = gst::enum_field<Settings, &Settings::brand, brand_type>(),
     .name = "brand",
     .nick = "Brand",
     .blurb = "Kind of file: QuickTime (.mov) or MP4",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::timecode,
     .name = "timecode",
     .nick = "Timecode",
     .blurb = "Timecode of the first picture, HH:MM:SS:FF; ';' before the frames means drop frame, '-' before the "
              "hours counts towards 0. Wins over the timecode that the pictures carry",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = gst::enum_field<Settings, &Settings::timecode_source, timecode_source_type>(),
     .name = "timecode-source",
     .nick = "Timecode source",
     .blurb = "Where the timecode comes from",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::force_timecode,
     .name = "force-timecode",
     .nick = "Force timecode",
     .blurb = "When no timecode comes: one that counts from 00:00:00:00",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = gst::enum_field<Settings, &Settings::first_timecode, first_timecode_type>(),
     .name = "first-timecode",
     .nick = "First timecode",
     .blurb = "What to do with the pictures before the first one that carries a timecode",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::timecode_wait,
     .name = "timecode-wait",
     .nick = "Timecode wait",
     .blurb = "How long a fragmented movie waits for a timecode before it begins without, in ms; -1: one fragment",
     .minimum = -1,
     .maximum = 3600000,
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::timecode_base,
     .name = "timecode-base",
     .nick = "Timecode base",
     .blurb = "Most frames counted a second: 30 counts 50 and 60 frames a second at 25 and 30; 0: every frame",
     .minimum = 0,
     .maximum = 255,
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::reel_name,
     .name = "reel-name",
     .nick = "Reel name",
     .blurb = "Name of the tape, card or reel, written into the timecode track",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::timecode_track_name,
     .name = "timecode-track-name",
     .nick = "Timecode track name",
     .blurb = "Name of the timecode tracks themselves",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::language,
     .name = "language",
     .nick = "Language",
     .blurb = "Language of the timecode tracks, three letters of ISO 639-2 (eng); none: not said",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = &Settings::timecode_track_enabled,
     .name = "timecode-track-enabled",
     .nick = "Timecode track enabled",
     .blurb = "Whether players that can show a timecode track are told to do so",
     .flags = GST_PARAM_MUTABLE_READY},
    {.field = gst::enum_field<Settings, &Settings::timecode_tracks, timecode_tracks_type>(),
     .name = "timecode-tracks",
     .nick = "Timecode tracks",
     .blurb = "Which tracks have a timecode track of their own",
     .flags = GST_PARAM_MUTABLE_READY},
}};

} // namespace

void install_settings(GObjectClass* klass) { gst::install_properties(klass, properties); }

void set_setting(Settings& settings, guint id, const GValue* value) {
    properties[id - 1].set(settings, value);
    if (std::string_view(properties[id - 1].name) == "fragment-duration")
        settings.fragment_duration_set = settings.fragment_duration > 0;
}

void get_setting(const Settings& settings, guint id, GValue* value) { properties[id - 1].get(settings, value); }

void check_settings(const Settings& settings) {
    const std::string& language = settings.language;
    const bool letters = std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!language.empty() && (language.size() != 3 || !letters)) throw error(Msg::bad_language, {language});
    const bool fragments = settings.mode == WantedMode::fragmented || settings.mode == WantedMode::hybrid;
    if (fragments && settings.fragment_duration == 0) throw error(Msg::no_fragment_duration, {});
}

} // namespace onair::mov
