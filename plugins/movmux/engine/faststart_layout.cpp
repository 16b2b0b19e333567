// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/layout.hpp"
#include "engine/messages.hpp"
#include "engine/spool.hpp"

#include <algorithm>
#include <exception>
#include <vector>

namespace onair::mov {

namespace {

constexpr uint64_t block = 1 << 20;

/// A movie whose box comes first: the media wait in a temporary file. Everything is written from front to back, so the
/// output need not be seekable.
class FaststartLayout final : public Layout {
  public:
    FaststartLayout(Movie& movie, Output& output)
        : movie_(movie), stream_(output), spool_(movie.spec().temporary_file) {}

    void begin() override {}

    void add(size_t track, Piece piece) override {
        index_sample(movie_.tracks()[track], piece.sample, spool_.size());
        std::exception_ptr failure; // no exception crosses the output, which may be foreign code
        const bool good = stream_.output().read_payload(piece.payload, [&](std::span<const uint8_t> bytes) {
            try {
                spool_.append(bytes);
                return true;
            } catch (...) {
                failure = std::current_exception();
                return false;
            }
        });
        if (failure) std::rethrow_exception(failure);
        if (!good) throw error(Msg::unreadable, {movie_.tracks()[track].spec().name});
    }

    void finish() override {
        spool_.append(finish_tracks(movie_, spool_.size()));
        stream_.write(front());
        for (uint64_t at = 0; at < spool_.size(); at += block) {
            std::vector<uint8_t> bytes(static_cast<size_t>(std::min(block, spool_.size() - at)));
            spool_.read(at, bytes);
            stream_.write_payload(Payload::owned(std::move(bytes)));
        }
    }

  private:
    /// Everything before the media. Where they begin depends on the size of the movie box, and that on whether
    /// positions take 64 bits.
    std::vector<uint8_t> front() {
        uint64_t shift = 0;
        for (;;) {
            BoxWriter w;
            movie_.write_file_type(w);
            movie_.write_box(w, Form::whole, shift);
            write_header(w, "mdat", spool_.size());
            if (w.size() == shift) return w.take();
            shift = w.size();
        }
    }

    Movie& movie_;
    Stream stream_;
    Spool spool_;
};

} // namespace

std::unique_ptr<Layout> make_faststart_layout(Movie& movie, Output& output) {
    return std::make_unique<FaststartLayout>(movie, output);
}

} // namespace onair::mov
