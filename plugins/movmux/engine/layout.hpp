// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/movie.hpp"
#include "engine/output.hpp"

#include <cstdint>
#include <memory>
#include <span>

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
    void end_group() { check(output_.end_group()); }

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
class Layout {
  public:
    virtual ~Layout() = default;
    virtual void begin() = 0;
    virtual void add(size_t track, Piece piece) = 0;
    virtual void finish() = 0;
};

/// `movie` and `output` outlive the layout.
std::unique_ptr<Layout> make_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_plain_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_faststart_layout(Movie& movie, Output& output);
std::unique_ptr<Layout> make_fragment_layout(Movie& movie, Output& output);

/// The header of an mdat with `size` bytes of media: 8 bytes, or 16 beyond 4 GiB.
void write_media_data_header(BoxWriter& w, uint64_t size);

/// Closes the indices of all media tracks and makes the samples of the timecode tracks, which lie at `position` one
/// after another; tracks without one are dropped. Returns their bytes.
std::vector<uint8_t> finish_tracks(Movie& movie, uint64_t position);

} // namespace onair::mov
