// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Fragments that become a plain movie: the file at every byte of its end, the same movie as in plain mode, the index.
#include "engine/box_reader.hpp"
#include "engine/reserve.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_inputs.hpp"
#include "tests/support/mov_reader.hpp"
#include "tests/support/mov_tracks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace onair;
using namespace onair::mov;
using namespace onair::test;

namespace {

/// The boxes that a reader of a growing file sees: up to one that is cut off. A reader that knows nothing of fragments
/// or of ours.
std::vector<OuterBox> boxes_in(const Bytes& file) {
    std::vector<OuterBox> boxes;
    for (uint64_t at = 0; at + 8 <= file.size();) {
        Fields fields(std::span<const uint8_t>(file).subspan(at), "file", at);
        OuterBox box{"", at, 8, fields.u32(), false};
        box.type = fields.text(4);
        if (box.size == 1) {
            if (fields.left() < 8) break;
            box.size = fields.u64(), box.header = 16;
        }
        if (box.size < box.header || box.size > file.size() - at) break;
        boxes.push_back(box);
        at += box.size;
    }
    return boxes;
}

/// Without what keeps a moof within a sector.
std::string types(const std::vector<OuterBox>& boxes) {
    std::string text;
    for (const OuterBox& box : boxes)
        if (box.type != "free" || box.size == reserve_size) text += box.type + " ";
    return text;
}

/// "fragments", when all boxes of the recording are seen, "plain", when the last movie box and nothing of the
/// recording is; else what is seen.
std::string view_of(const Bytes& file, const Bytes& recording, const Bytes& finished) {
    const auto boxes = boxes_in(file), before = boxes_in(recording), after = boxes_in(finished);
    if (boxes.size() == 3 && boxes[1].offset == after[1].offset && boxes[1].size == after[1].size &&
        boxes[2].type == "moov" && boxes[2].offset == after[2].offset && boxes[2].size == after[2].size)
        return "plain";
    const auto same = [](const OuterBox& a, const OuterBox& b) { return a.offset == b.offset && a.size == b.size; };
    if (boxes.size() >= before.size() && std::equal(before.begin(), before.end(), boxes.begin(), same)) {
        for (size_t i = before.size(); i < boxes.size(); ++i)
            if (boxes[i].type != "mdat" && boxes[i].type != "free") return types(boxes);
        return "fragments";
    }
    return types(boxes);
}

} // namespace

TEST_CASE("hybrid: a movie of fragments while it is recorded, a plain one at the end") {
    const Made made = make(inputs()[0], Mode::hybrid);
    const auto& writes = made.out.writes;
    REQUIRE(writes.size() > 10);
    const Bytes recording = file_of({writes.begin(), writes.end() - 4});
    CHECK(types(boxes_in(recording)) == "ftyp free moov mdat moof mdat moof mdat moof mdat moof mdat moof mdat moof "
                                        "mdat ");
    CHECK(boxes_in(recording)[1].size == reserve_size);
    CHECK(types(boxes_in(made.file())) == "ftyp mdat moov ");
    // Everything is written once and in order, but for the reserve.
    uint64_t end = 0;
    size_t durable = 0;
    for (const auto& write : std::span(writes).first(writes.size() - 4)) {
        CHECK(write.position == end);
        end += write.bytes.size();
        durable += write.durable;
    }
    CHECK(durable == 6); // one for each fragment
    CHECK(writes.end()[-4].position == 28);
    CHECK(writes.end()[-4].bytes.size() == 8);
    CHECK(writes.end()[-3].position == end);
    CHECK(writes.end()[-2].position == end + writes.end()[-3].bytes.size());
    CHECK(writes.end()[-2].durable);
    CHECK(writes.end()[-1].position == 20);
    CHECK(writes.end()[-1].bytes.size() == 8);
    CHECK(writes.end()[-1].durable);
    CHECK(made.doubts.empty());
}

TEST_CASE("hybrid: sync=none marks nothing") {
    const Made made = make(inputs()[0], Mode::hybrid, [](MovieSpec& spec) { spec.sync = false; });
    CHECK(std::none_of(made.out.writes.begin(), made.out.writes.end(), [](const auto& w) { return w.durable; }));
}

TEST_CASE("hybrid: at every byte of the end the file is the recording or the plain movie") {
    for (const size_t which : {size_t{0}, size_t{6}}) { // with and without timecode samples behind the fragments
        const Made made = make(inputs()[which], Mode::hybrid);
        const auto& writes = made.out.writes;
        Bytes file = file_of({writes.begin(), writes.end() - 4});
        const Bytes recording = file, finished = made.file();
        size_t fragments = 0, plain = 0;
        for (const auto& write : std::span(writes).last(4))
            for (size_t i = 0; i < write.bytes.size(); ++i) {
                apply(file, write.position + i, std::span(write.bytes).subspan(i, 1));
                const std::string view = view_of(file, recording, finished);
                ++(view == "plain" ? plain : fragments);
                if (view != "plain") REQUIRE_MESSAGE(view == "fragments", (write.position + i));
                if (view == "plain") REQUIRE(movie_content(file).size() == movie_content(finished).size());
            }
        CHECK(plain == 5); // byte 3 of the last write and those behind it
        CHECK(fragments > 1000);
    }
}

TEST_CASE("hybrid: the bytes of the last write in any order, and the size without what it spans") {
    const Made made = make(inputs()[0], Mode::hybrid);
    const auto& writes = made.out.writes;
    const Bytes recording = file_of({writes.begin(), writes.end() - 4}), finished = made.file();
    const auto& a = writes.end()[-4];
    const auto& c = writes.end()[-1];
    for (unsigned subset = 0; subset < 256; ++subset) {
        Bytes file = file_of({writes.begin(), writes.end() - 1}), early = recording;
        for (unsigned i = 0; i < 8; ++i) {
            if (!(subset >> i & 1)) continue;
            apply(file, c.position + i, std::span(c.bytes).subspan(i, 1));
            apply(early, a.position + i, std::span(a.bytes).subspan(i, 1));
        }
        CHECK(view_of(file, recording, finished) == (subset & 8 ? "plain" : "fragments"));
        CHECK(view_of(early, recording, finished) == "fragments");
    }
}

TEST_CASE("hybrid: the tracks are those of plain mode but for where the samples lie") {
    for (const Input& input : inputs()) {
        CAPTURE(input.what);
        const Bytes hybrid = make(input, Mode::hybrid).file(), plain = make(input, Mode::plain).file();
        const auto is = movie_content(hybrid), should = movie_content(plain);
        REQUIRE(is.size() == should.size());
        for (size_t i = 0; i < is.size(); ++i) {
            CAPTURE(i);
            CHECK(is[i].boxes == should[i].boxes);
            CHECK(is[i].samples == should[i].samples);
            CHECK(is[i].descriptions == should[i].descriptions);
        }
    }
}

TEST_CASE("hybrid: the fragments are those of mode=fragmented") {
    for (const Input& input : inputs()) {
        CAPTURE(input.what);
        const auto no_sync = [](MovieSpec& spec) { spec.sync = false; }; // then nothing depends on positions
        const Made made = make(input, Mode::hybrid, no_sync);
        const Bytes hybrid = file_of({made.out.writes.begin(), made.out.writes.end() - 4});
        const Bytes fragmented = make(input, Mode::fragmented, no_sync).file();
        CHECK(hybrid.size() == fragmented.size() + reserve_size);
        const auto is = boxes_in(hybrid), should = boxes_in(fragmented);
        REQUIRE(is.size() == should.size() + 1);
        for (size_t i = 0; i < should.size(); ++i) {
            const OuterBox &a = is[i ? i + 1 : 0], &b = should[i];
            CHECK(a.type == b.type);
            REQUIRE(a.size == b.size);
            if (b.type != "moov") // has the position of the first timecode
                CHECK(std::equal(hybrid.begin() + static_cast<std::ptrdiff_t>(a.offset),
                                 hybrid.begin() + static_cast<std::ptrdiff_t>(a.offset + a.size),
                                 fragmented.begin() + static_cast<std::ptrdiff_t>(b.offset)));
        }
    }
}

TEST_CASE("a moof behind the first lies within a sector, or within a block of 4096 bytes when it is larger") {
    size_t padded = 0, larger = 0;
    for (const Input& input : inputs()) {
        CAPTURE(input.what);
        for (const Mode mode : {Mode::hybrid, Mode::fragmented})
            for (const bool sync : {true, false}) {
                const Made made = make(input, mode, [&](MovieSpec& spec) { spec.sync = sync; });
                const size_t end = mode == Mode::hybrid ? 4 : 0;
                const auto boxes =
                    boxes_in(file_of({made.out.writes.begin(), made.out.writes.end() - static_cast<int>(end)}));
                bool first = true;
                for (size_t i = 0; i < boxes.size(); ++i) {
                    const OuterBox& box = boxes[i];
                    const bool pad = box.type == "free" && i > 2;
                    padded += pad;
                    if (pad) CHECK(sync);
                    if (box.type != "moof" || std::exchange(first, false) || !sync || box.size > 4096) continue;
                    const uint64_t unit = box.size <= 512 ? 512 : 4096;
                    larger += unit > 512;
                    CHECK(box.offset / unit == (box.offset + box.size - 1) / unit);
                }
            }
    }
    CHECK(padded > 20);
    CHECK(larger > 5);
}

TEST_CASE("hybrid: what the boxes in front cannot tell is doubted once, and is in the movie at its end") {
    struct Row {
        const char* input;
        const char* says;
    };
    for (const Row& row :
         {Row{"a late timecode", "came after the recording began"},
          Row{"the drop-frame flag changes", "changed its rate or drop-frame flag"}, Row{"jumps", ""}}) {
        CAPTURE(std::string(row.input));
        const auto all = inputs();
        const auto input = std::find_if(all.begin(), all.end(), [&](const Input& i) { return i.what == row.input; });
        REQUIRE(input != all.end());
        const Made made = make(*input, Mode::hybrid);
        REQUIRE(made.doubts.size() == (row.says[0] ? 1 : 0));
        if (row.says[0]) CHECK(has(made.doubts[0], row.says));
        CHECK(Mov(made.file()).count("tmcd") == 1);
    }
}

TEST_CASE("hybrid: an index beyond its limit is dropped with one warning, and the movie stays one of fragments") {
    const Input input = inputs()[0];
    const Made made = make(input, Mode::hybrid, [](MovieSpec& spec) { spec.max_index_bytes = 300; });
    REQUIRE(made.doubts.size() == 1);
    CHECK(has(made.doubts[0], "max-index-bytes=300"));
    CHECK(has(made.doubts[0], "tctool recover"));
    const auto boxes = boxes_in(made.file());
    CHECK(boxes.back().offset + boxes.back().size == made.file().size());
    CHECK(types(boxes).substr(0, 24) == "ftyp free moov mdat moof");
    const Made unlimited = make(input, Mode::hybrid, [](MovieSpec& spec) { spec.max_index_bytes = 0; });
    CHECK(unlimited.doubts.empty());
}

TEST_CASE("hybrid: after a refusal nothing more is written, wherever it comes") {
    const Input input = inputs()[0];
    const size_t all = make(input, Mode::hybrid).out.writes.size();
    for (size_t refused = 0; refused < all; ++refused) {
        CAPTURE(refused);
        LogOutput out;
        out.refuse_from = refused;
        bool stopped = false;
        try {
            MovieSpec spec = input.spec();
            spec.mode = Mode::hybrid;
            spec.fragment_duration = spec.timecode_wait = 400 * ms;
            MovWriter writer(out, std::move(spec));
            input.feed(writer);
            writer.finish();
        } catch (const OutputStopped&) {
            stopped = true;
        }
        CHECK(stopped);
        CHECK(out.writes.size() == refused + 1);
    }
}

TEST_CASE("hybrid: an error of the input in the middle, and the movie is finished all the same") {
    LogOutput out;
    MovieSpec spec = movie(carrying_track(25));
    spec.mode = Mode::hybrid;
    MovWriter writer(out, std::move(spec));
    for (int n = 0; n < 40; ++n)
        writer.write(0, packet(frame_ns(n, 25), 1, 50, running(n)));
    CHECK(has(error_of([&] { writer.write(0, packet(0, 1, 50)); }), "does not lie behind"));
    writer.finish();
    const Mov mov(file_of(out.writes));
    CHECK(mov.by_handler("vide").samples() == 40);
    CHECK(mov.first_sample(mov.by_handler("tmcd")) == 90000);
}

TEST_CASE("hybrid: first-timecode=error is an error as in plain mode, and what came can be read") {
    LogOutput out;
    TrackSpec track = carrying_track(25);
    track.timecode->runs.first = FirstTimecode::error;
    MovieSpec spec = movie(std::move(track));
    spec.mode = Mode::hybrid;
    MovWriter writer(out, std::move(spec));
    const std::string said = error_of([&] {
        for (int n = 0; n < 40; ++n)
            writer.write(0, packet(frame_ns(n, 25), 1, 50, n < 5 ? std::nullopt : running(n)));
    });
    CHECK(has(said, "comes 200 ms after the first picture"));
    CHECK(error_of([&] { writer.finish(); }) != "");
    CHECK(types(boxes_in(file_of(out.writes))) == "ftyp free moov mdat moof mdat ");
}
