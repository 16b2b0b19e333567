// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/mov_writer.hpp"
#include "tests/support/mov_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What goes into movies that are to be compared, and every write that comes out.
namespace onair::test {

inline constexpr int64_t ms = 1000000;
using Bytes = std::vector<uint8_t>;

/// Keeps every write in order, and refuses from one on.
class LogOutput final : public mov::Output {
  public:
    struct Write {
        uint64_t position = 0;
        Bytes bytes;
        bool durable = false;
    };
    std::vector<Write> writes;
    size_t refuse_from = SIZE_MAX;

    bool write(uint64_t position, std::span<const uint8_t> bytes) noexcept override {
        writes.push_back({position, Bytes(bytes.begin(), bytes.end()), false});
        return writes.size() <= refuse_from;
    }
    bool write_payload(uint64_t position, const mov::Payload& payload) noexcept override {
        return write(position, payload.bytes);
    }
    bool end_group(bool durable) noexcept override {
        if (!writes.empty()) writes.back().durable = durable;
        return writes.size() <= refuse_from;
    }
};

inline void apply(Bytes& file, uint64_t position, std::span<const uint8_t> bytes) {
    file.resize(std::max<size_t>(file.size(), position + bytes.size()));
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(position));
}

inline Bytes file_of(const std::vector<LogOutput::Write>& writes) {
    Bytes file;
    for (const auto& write : writes)
        apply(file, write.position, write.bytes);
    return file;
}

inline mov::Packet packet(int64_t pts, uint8_t fill, size_t size, std::optional<mov::CarriedTimecode> timecode = {}) {
    mov::Packet made;
    made.payload = mov::Payload::owned(Bytes(size, fill));
    made.times.pts = pts;
    made.timecode = std::move(timecode);
    return made;
}

/// What goes into a movie; the same for each mode.
struct Input {
    std::string what;
    std::function<mov::MovieSpec()> spec;
    std::function<void(mov::MovWriter&)> feed;
};

struct Made {
    LogOutput out;
    std::vector<std::string> doubts;
    Bytes file() const { return file_of(out.writes); }
};

inline Made make(const Input& input, mov::Mode mode, const std::function<void(mov::MovieSpec&)>& change = {}) {
    Made made;
    mov::MovieSpec spec = input.spec();
    spec.mode = mode;
    spec.fragment_duration = spec.timecode_wait = 400 * ms;
    if (change) change(spec);
    mov::MovWriter writer(made.out, std::move(spec), [&](const Error& doubt) { made.doubts.push_back(doubt.what()); });
    input.feed(writer);
    writer.finish();
    return made;
}

inline mov::CarriedTimecode counted(int64_t number, Rational rate, bool drop = false) {
    return {tc::from_frames(number, tc::Rate(rate, drop)), drop, rate};
}

/// Pictures at 25 a second with a timecode of their own, by their number; PCM beside them.
inline Input pictures_and_sound(const std::string& what, int count, int tracks_of_sound, int64_t sound_from,
                                const std::function<std::optional<mov::CarriedTimecode>(int)>& timecode,
                                const std::function<int64_t(int)>& time = {}) {
    const auto at = [=](int n) { return time ? time(n) : frame_ns(n, 25); };
    return {what,
            [=] {
                mov::MovieSpec spec = movie(carrying_track(25));
                for (int i = 0; i < tracks_of_sound; ++i)
                    spec.tracks.push_back(audio_track());
                return spec;
            },
            [=](mov::MovWriter& writer) {
                for (int n = 0; n < count; ++n) {
                    writer.write(0,
                                 packet(at(n), static_cast<uint8_t>(n), 50 + static_cast<size_t>(n) % 7, timecode(n)));
                    for (int i = 0; at(n) >= sound_from && i < tracks_of_sound; ++i)
                        writer.write(static_cast<size_t>(i) + 1,
                                     packet(at(n), static_cast<uint8_t>(100 + n + i), 1920 * 4));
                }
            }};
}

inline std::optional<mov::CarriedTimecode> running(int n) { return counted(90000 + n, 25); }

/// I B B P …, two B-frames, in decoding order.
inline Input b_frames() {
    return {"B-frames", [] { return movie(carrying_track(25, false)); },
            [](mov::MovWriter& writer) {
                for (int n = 0; n < 60; ++n) {
                    const int group = n / 3 * 3, shown = n % 3 == 0 ? group + 2 : group + n % 3 - 1;
                    mov::Packet made = packet(frame_ns(shown + 2, 25), static_cast<uint8_t>(n),
                                              40 + static_cast<size_t>(n), running(shown));
                    made.times.dts = frame_ns(n, 25);
                    made.key = n % 12 == 0;
                    writer.write(0, made);
                }
            }};
}

inline std::vector<Input> inputs() {
    const auto gap = [](int n) { return frame_ns(n < 20 ? n : n + 40, 25); };
    return {
        pictures_and_sound("continuous", 60, 1, 0, running),
        pictures_and_sound("8 tracks of sound", 40, 8, 0, running),
        b_frames(),
        pictures_and_sound("jumps", 60, 1, 0, [](int n) { return counted(90000 + n + n / 15 * 1000, 25); }),
        pictures_and_sound("a jump at each picture", 60, 0, 0, [](int n) { return counted(90000 + n * 17, 25); }),
        pictures_and_sound("a late timecode", 60, 1, 0,
                           [](int n) { return n < 35 ? std::nullopt : std::optional(counted(90000 + n, 25)); }),
        pictures_and_sound("no timecode", 60, 1, 0, [](int) { return std::nullopt; }),
        pictures_and_sound("sound begins late", 60, 1, 1500 * ms, running),
        pictures_and_sound("sound never comes", 30, 1, 100000 * ms, running),
        pictures_and_sound(
            "a gap, the timecode shows it", 60, 1, 0, [](int n) { return running(n < 20 ? n : n + 40); }, gap),
        pictures_and_sound("a gap, the timecode does not show it", 60, 1, 0, running, gap),
        {"the drop-frame flag changes", [] { return movie(carrying_track(Rational(30000, 1001))); },
         [](mov::MovWriter& writer) {
             for (int n = 0; n < 60; ++n)
                 writer.write(0, packet(frame_ns(n, Rational(30000, 1001)), static_cast<uint8_t>(n), 50,
                                        counted(5000 + n, Rational(30000, 1001), n >= 25)));
         }},
        pictures_and_sound("one picture", 1, 0, 0, running),
        {"nothing at all", [] { return movie(carrying_track(25), audio_track()); }, [](mov::MovWriter&) {}},
    };
}

} // namespace onair::test
