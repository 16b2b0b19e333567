// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/fragments.hpp"
#include "engine/layout.hpp"
#include "engine/messages.hpp"
#include "engine/reserve.hpp"

#include <string>
#include <utility>

namespace onair::mov {

namespace {

constexpr uint64_t media_header = 8;

/// A movie in fragments that becomes a plain one at its end: the index of all samples is kept beside the fragments.
class HybridLayout final : public Layout {
  public:
    HybridLayout(Movie& movie, Output& output, Warn warn)
        : movie_(movie), stream_(output), warn_(std::move(warn)),
          fragments_(movie, stream_, [this](size_t track, const Sample& sample, uint64_t position) {
              index(track, sample, position);
          }) {}

    void begin() override {
        fragments_.begin();
        reserve_ = stream_.position() - reserve_size;
    }

    void add(size_t track, Piece piece) override {
        const uint32_t written = fragments_.written();
        fragments_.add(track, std::move(piece));
        if (fragments_.written() != written) check_index();
    }

    void finish() override {
        fragments_.finish();
        check_index();
        if (!dropped_) become_plain();
    }

  private:
    void index(size_t track, const Sample& sample, uint64_t position) {
        if (dropped_) return;
        MediaTrack& media = movie_.tracks()[track];
        if (!media.index.has_room(sample.count)) return drop(error(Msg::index_too_long, {media.spec().name}));
        media.index.add(sample, position);
    }

    void check_index() {
        const uint64_t limit = movie_.spec().max_index_bytes, used = movie_.index_memory();
        if (limit == 0 || used <= limit || dropped_) return;
        drop(error(Msg::index_too_large, {std::to_string(used), std::to_string(limit)}));
    }

    void drop(const Error& why) {
        dropped_ = true;
        movie_.drop_index();
        if (warn_) warn_(why);
    }

    void become_plain() {
        const uint64_t end = stream_.position();
        BoxWriter timecodes, movie;
        if (const std::vector<uint8_t> numbers = finish_tracks(movie_, end + media_header); !numbers.empty()) {
            write_header(timecodes, "mdat", numbers.size());
            timecodes.bytes(numbers);
        }
        movie_.write_box(movie, Form::whole);
        for (EndWrite& write : end_writes(reserve_, end, timecodes.take(), movie.take()))
            put(std::move(write));
    }

    void put(EndWrite write) {
        const bool durable = write.durable && movie_.spec().sync;
        stream_.begin_group();
        if (write.position == stream_.position())
            stream_.write_payload(Payload::owned(std::move(write.bytes)));
        else
            stream_.patch(write.position, write.bytes);
        stream_.end_group(durable);
    }

    Movie& movie_;
    Stream stream_;
    Warn warn_;
    Fragments fragments_;
    uint64_t reserve_ = 0; ///< its position
    bool dropped_ = false; ///< the index
};

} // namespace

std::unique_ptr<Layout> make_hybrid_layout(Movie& movie, Output& output, Warn warn) {
    return std::make_unique<HybridLayout>(movie, output, std::move(warn));
}

} // namespace onair::mov
