// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/av/av_ptr.hpp"
#include "common/base/rational.hpp"
#include "engine/payload.hpp"
#include "engine/timecode_choice.hpp"
#include "engine/timecode_runs.hpp"
#include "engine/track_clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace onair::mov {

/// How the file is laid out.
enum class Mode {
    plain,      ///< data first, the movie box behind it
    faststart,  ///< the movie box first, the data through a temporary file
    fragmented, ///< movie fragments; nothing is ever written twice
    hybrid,     ///< movie fragments, which become a plain movie at the end
};

enum class Brand { quicktime, mp4 };

/// What is known of the timecode of one video track when the movie starts.
struct TimecodePlan {
    RunsPolicy runs;
    bool required = false; ///< none at all is an error
    bool running = false;  ///< none at all: one that counts from 00:00:00:00
    std::string reel_name;
};

/// One track of media, in the order of the movie.
struct TrackSpec {
    std::string name; ///< the pad, for error texts
    av::CodecParametersPtr parameters;
    Rational frame_rate;                  ///< 0: not fixed
    bool intra = false;                   ///< decoding order is presentation order
    size_t sample_bytes = 0;              ///< PCM: bytes of one sample of all channels; else 0
    std::vector<uint8_t> first;           ///< the beginning of the first packet, as far as it is known
    std::optional<TimecodePlan> timecode; ///< video: there is or may come a timecode

    bool is_video() const { return parameters->codec_type == AVMEDIA_TYPE_VIDEO; }
};

/// What the timecode tracks have in common.
struct TimecodeTrackSettings {
    bool shared = false;  ///< one track, the first video track's, for all tracks
    bool enabled = false; ///< tkhd flag 1
    std::string name;     ///< of the track; "" for none
    std::string language; ///< ISO 639-2, "" for none
};

struct MovieSpec {
    std::vector<TrackSpec> tracks;
    std::vector<std::pair<std::string, std::string>> metadata; ///< libavformat's keys: title, artist, …
    Mode mode = Mode::plain;
    Brand brand = Brand::quicktime;
    TimecodeTrackSettings timecode;
    int64_t fragment_duration = 1000000000; ///< ns
    int64_t timecode_wait = 1000000000;     ///< ns that the movie box of a fragmented movie waits for a timecode
    std::string temporary_file;             ///< of faststart; "" for one without a name
    bool sync = true;                       ///< each fragment is on the disk before the next one is written
    uint64_t max_index_bytes = 0;           ///< of hybrid; 0: unlimited
};

struct Packet {
    Payload payload;
    PacketTimes times;
    bool key = true;
    std::optional<CarriedTimecode> timecode; ///< video only
};

} // namespace onair::mov
