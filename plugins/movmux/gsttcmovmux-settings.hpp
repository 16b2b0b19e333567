// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/movie_spec.hpp"
#include "engine/timecode_choice.hpp"

#include <glib-object.h>

#include <cstdint>
#include <string>

namespace onair::mov {

enum class WantedMode { automatic, plain, faststart, fragmented, hybrid };
enum class Sync { none, fragment };
enum class WantedBrand { automatic, quicktime, mp4 };
enum class TimecodeTracks { per_video, shared };

/// The properties. Copied under the lock when the element starts.
struct Settings {
    WantedMode mode = WantedMode::automatic;
    bool faststart = false;
    std::string faststart_file;
    unsigned fragment_duration = 1000;  ///< ms
    bool fragment_duration_set = false; ///< the application asked for fragments
    Sync sync = Sync::fragment;
    uint64_t max_index_bytes = uint64_t{512} << 20; ///< a day of 50 pictures a second and 16 tracks of AAC
    WantedBrand brand = WantedBrand::automatic;
    std::string timecode;
    TimecodeSource timecode_source = TimecodeSource::automatic;
    bool force_timecode = false;
    FirstTimecode first_timecode = FirstTimecode::extrapolate;
    int timecode_wait = -1; ///< ms; -1: one fragment
    int timecode_base = 0;
    std::string reel_name;
    std::string timecode_track_name;
    std::string language;
    bool timecode_track_enabled = false;
    TimecodeTracks timecode_tracks = TimecodeTracks::per_video;
};

/// Installs, sets and reads the properties of the element, by id.
void install_settings(GObjectClass* klass);
void set_setting(Settings& settings, guint id, const GValue* value);
void get_setting(const Settings& settings, guint id, GValue* value);

/// Throws Error(settings) for values that do not go together or mean nothing.
void check_settings(const Settings& settings);

} // namespace onair::mov
