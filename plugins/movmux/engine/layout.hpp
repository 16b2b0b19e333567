// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/movie.hpp"
#include "engine/output.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace onair::mov {

/// An output that is written from front to back; a refusal becomes OutputStopped.
class Stream {
  public:
    explicit Stream(Output& output) : output_(output) {}

    void write(std::span<const uint8_t> bytes) {
        check(output_.write(position_, bytes));
        position_ += bytes.size();
    }
    void write_payload(const Payload& payload) {
        check(output_.write_payload(position_, payload));
        position_ += payload.size;
    }
    /// Overwrites what was written; the position stays.
    void patch(uint64_t position, std::span<const uint8_t> bytes) { check(output_.write(position, bytes)); }
    void begin_group() { output_.begin_group(); }
    void end_group(bool durable) { check(output_.end_group(durable)); }

    uint64_t position() const noexcept { return position_; }
    Output& output() noexcept { return output_; }

  private:
    static void check(bool good) {
        if (!good) throw OutputStopped();
    }
    Output& output_;
    uint64_t position_ = 0;
};

/// Where the boxes and the media lie in the file.
///
/// | mode       | file                                                                                   |
/// |------------|----------------------------------------------------------------------------------------|
/// | plain      | ftyp, wide, mdat, moov; the size of mdat is filled in at the end                       |
/// | faststart  | ftyp, moov, mdat; the media lie in a temporary file until the end                      |
/// | fragmented | ftyp, moov (tracks only), then moof, mdat for each fragment                            |
/// | hybrid     | the same with 16 bytes behind ftyp; at the end ftyp, mdat (all that), moov (reserve.hpp) |
class Layout {
  public:
    virtual ~Layout() = default;
    virtual void begin() = 0;
    virtual void add(size_t track, Piece piece) = 0;
    virtual void finish() = 0;
};

/// `movie` and `output` outlive the layout. `warn` is told what is doubtful but goes on.
std::unique_ptr<Layout> make_layout(Movie& movie, Output& output, const Warn& warn);
std::unique_ptr<Layout> make_plain_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_faststart_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_fragment_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_hybrid_layout(Movie& movie, Output& output, Warn warn);

/// The header of a box with `size` bytes of content: 8 bytes, or 16 beyond 4 GiB.
void write_header(BoxWriter& w, std::string_view type, uint64_t size);

/// Enters a sample whose bytes lie at `position`. Throws Error(format) when the tables cannot count it.
void index_sample(MediaTrack& track, const Sample& sample, uint64_t position);

/// Closes the indices of all media tracks and makes the samples of the timecode tracks, which lie at `position` one
/// after another; tracks without one are dropped. Returns their bytes.
std::vector<uint8_t> finish_tracks(Movie& movie, uint64_t position);

} // namespace onair::mov
