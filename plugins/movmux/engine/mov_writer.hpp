// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/av/av_log.hpp"
#include "common/av/av_ptr.hpp"
#include "common/base/error.hpp"
#include "common/base/rational.hpp"
#include "engine/avio_bridge.hpp"
#include "engine/output.hpp"
#include "engine/timecode_choice.hpp"
#include "engine/track_clock.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct AVFormatContext;
struct AVStream;

namespace onair::mov {

/// One track of media, in the order of the movie.
struct TrackSpec {
    std::string name; ///< the pad, for error texts
    av::CodecParametersPtr parameters;
    Rational frame_rate;     ///< 0: not fixed
    bool intra = false;      ///< decoding order is presentation order
    size_t sample_bytes = 0; ///< PCM: bytes of one sample of all channels; else 0
    std::optional<TimecodeStart> timecode;
};

struct MovieSpec {
    std::vector<TrackSpec> tracks;
    std::string reel_name;                                     ///< of every timecode track; "" for none
    std::vector<std::pair<std::string, std::string>> metadata; ///< libavformat's keys: title, artist, …
};

struct Packet {
    std::span<const uint8_t> bytes; ///< valid during the call only
    PacketTimes times;
    bool key = true;
};

/// Writes a plain QuickTime movie through libavformat: ftyp, mdat, and moov at the end.
///
/// Timecode goes the one way that works from FFmpeg 5.1 to 9.0: metadata "timecode" and avg_frame_rate on the video
/// stream before the header. A declared stream with the tag 'tmcd' switches that off and vanishes when it gets no
/// packet (docs/specs/tmcd.md). Packets must come interleaved; libavformat's own interleaving would hold 10 s of media
/// for a sparse track.
class MovWriter {
  public:
    /// Called for what is doubtful but goes on.
    using Warn = std::function<void(const Error&)>;

    /// Writes the header. Throws Error, or OutputStopped.
    MovWriter(Output& output, MovieSpec spec, Warn warn = {});
    ~MovWriter();
    MovWriter(const MovWriter&) = delete;
    MovWriter& operator=(const MovWriter&) = delete;

    /// Throws Error(timing) for a packet that goes backwards, Error(library), or OutputStopped.
    void write(size_t track, const Packet& packet);

    /// Writes the movie box. Without it the file is not readable.
    void finish();

    uint64_t packets(size_t track) const { return tracks_[track].packets; }

  private:
    struct Free {
        void operator()(AVFormatContext* context) const noexcept;
    };
    struct Track {
        TrackSpec spec;
        AVStream* stream = nullptr;
        std::optional<TrackClock> clock;
        std::optional<SampleCounter> samples; ///< PCM only
        uint64_t packets = 0;
        bool warned = false;
    };
    void add_stream(Track& track, const std::string& reel_name);
    void write_header(int movie_timescale);
    void write_samples(size_t index, const Packet& packet);
    void write_silence(size_t index, int64_t position, int64_t samples);
    void put(size_t index, std::span<const uint8_t> bytes, const Ticks& ticks, bool key, bool payload);
    void check(int result, const char* call, std::string_view what, const av::LogCollector& log) const;

    AvioBridge bridge_;
    Warn warn_;
    std::unique_ptr<AVFormatContext, Free> context_;
    av::PacketPtr packet_;
    std::vector<Track> tracks_;
};

} // namespace onair::mov
