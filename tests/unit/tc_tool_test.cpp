// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "edit.hpp"
#include "engine/file_bytes.hpp"
#include "engine/timecode_lookup.hpp"
#include "file_change.hpp"
#include "report.hpp"
#include "tests/support/command.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/mov_make.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::tctool;
using test::error_of;
using test::has;
using test::MadeMovie;

namespace {

std::vector<uint8_t> slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void spill(const std::string& path, const std::vector<uint8_t>& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

mov::TimecodeFile read(const std::string& path) {
    const mov::FileBytes bytes(path);
    return mov::read_timecode_file(bytes.size(), bytes.reader());
}

/// Changes `path` in place, or into `copy`.
void change(const std::string& path, const Request& request, const std::string& copy = "") {
    const mov::FileBytes bytes(path);
    const mov::ReadAt reader = bytes.reader();
    const Plan planned =
        plan(mov::read_timecode_file(bytes.size(), reader), bytes.size(), reader, request, !copy.empty());
    if (copy.empty())
        change_in_place(path, bytes.size(), planned);
    else
        write_copy(path, bytes.size(), planned, copy);
}

/// The timecode at picture `n`.
std::string at(const std::string& path, int64_t n, Rational fps = {30000, 1001}) {
    const auto stamp = mov::TimecodeLookup(read(path), -1, path).at(scale_round(n, 1000000000 * fps.den, fps.num), fps);
    return stamp ? tc::format(stamp->address, stamp->rate.drop_frame()) : "-";
}

const MadeMovie three{
    .descriptions = {{2, 30000, 1001, 30}}, .reel = "A1", .samples = {{20, 108000, 1}, {20, 540000, 1}, {20, 0, 1}}};

} // namespace

TEST_CASE("set and shift move all samples, and the file keeps its size") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov";
    for (const bool moov_first : {false, true}) {
        MadeMovie movie = three;
        movie.moov_first = moov_first;
        movie.write(path);
        const auto before = slurp(path);
        change(path, {Command::set, "10:00:00:00", {}, {}});
        CHECK(at(path, 0) == "10:00:00:00");
        CHECK(at(path, 20) == "14:00:00:00");
        CHECK(at(path, 59) == "09:00:00:19");
        change(path, {Command::shift, "-25", {}, {}});
        CHECK(at(path, 0) == "09:59:59:05");
        change(path, {Command::shift, "+00:00:00:25", {}, {}});
        change(path, {Command::set, "01:00:00:00", {}, {}});
        CHECK(slurp(path) == before);
    }
    CHECK_FALSE(std::filesystem::exists(undo_path(path)));
}

TEST_CASE("set obeys edits, the drop-frame flag and numbers below 0") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov";
    MadeMovie movie;
    movie.timecode_edits = {{50 * 1001, 10 * 1001}};
    movie.write(path);
    change(path, {Command::set, "10:00:00;00", {}, {}});
    CHECK(at(path, 0) == "10:00:00;00");
    CHECK(has(error_of([&] { change(path, {Command::set, "10:00:00:00", {}, {}}); }), "--drop-frame off"));
    CHECK(at(path, 0) == "10:00:00;00");
    change(path, {Command::set, "10:00:00:00", false, {}});
    CHECK(at(path, 0) == "10:00:00:00");
    change(path, {Command::set, "-00:00:01:00", {}, {}});
    const mov::TimecodeFile file = read(path);
    CHECK(file.timecode_tracks()[0]->timecodes[0].value == -40);
    CHECK(file.timecode_tracks()[0]->descriptions[0].fields.flags == 6);
    CHECK(has(text_report(file, path, {}), ": -00:00:01:00 to"));
    CHECK(has(error_of([&] { change(path, {Command::set, "10:00:99:00", {}, {}}); }), "seconds 99"));
    CHECK(has(error_of([&] { change(path, {Command::set, "10:00:00:00", {}, 9}); }), "id 9"));
}

TEST_CASE("repair: the flag that a remux lost, the reference, the duration, the count") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov";
    MadeMovie lost;
    lost.descriptions[0].flags = 0;
    lost.write(path);
    CHECK(at(path, 0) == "00:59:56:12");
    change(path, {Command::repair, "", true, {}});
    CHECK(at(path, 0) == "01:00:00;00");

    MadeMovie elsewhere;
    elsewhere.reference_on_sound = true;
    elsewhere.moov_first = true; // no room, and none is needed
    elsewhere.write(path);
    const size_t size = slurp(path).size();
    change(path, {Command::repair, "", {}, {}});
    CHECK(slurp(path).size() == size);
    for (const mov::FileTrack& track : read(path).tracks)
        CHECK(track.timecode_references.size() == (track.handler == "vide"));

    MadeMovie brief;
    brief.samples = {{1, 107892, 1}};
    brief.timecode_edits = {{1001, 0}};
    brief.write(path);
    change(path, {Command::repair, "", {}, {}});
    const mov::FileTrack track = *read(path).timecode_tracks()[0];
    CHECK(track.media_ticks == 60060);
    CHECK(track.edits.at(0).duration == 60060);
    const auto good = slurp(path);
    change(path, {Command::repair, "", {}, {}});
    CHECK(slurp(path) == good);

    MadeMovie camera;
    camera.descriptions[0] = {2, 30000, 1001, 29};
    camera.write(path);
    change(path, {Command::repair, "", {}, {}});
    CHECK(read(path).timecode_tracks()[0]->descriptions[0].fields.frames == 30);
    CHECK(has(error_of([&] {
                  MadeMovie film{.timescale = 24, .frame_ticks = 1, .descriptions = {{0, 24, 1, 24}}};
                  film.write(path);
                  change(path, {Command::repair, "", true, {}});
              }),
              "no drop frame at 24"));
}

TEST_CASE("a movie box that grows: at the end, into free room, or in a copy only") {
    struct Row {
        bool moov_first;
        uint32_t free;
        bool in_place;
    };
    for (const Row& row : {Row{false, 0, true}, Row{true, 20, true}, Row{true, 64, true}, Row{true, 24, false},
                           Row{true, 0, false}, Row{false, 100, true}}) {
        CAPTURE(row.free);
        const test::TempDir dir;
        const std::string path = dir / "a.mov";
        MadeMovie movie;
        movie.reference = false;
        movie.moov_first = row.moov_first;
        movie.free_behind = row.free;
        movie.write(path);
        const auto before = slurp(path);
        const std::string said = error_of([&] { change(path, {Command::repair, "", {}, {}}); });
        CHECK(said.empty() == row.in_place);
        if (!row.in_place) {
            CHECK(has(said, "grow by 20 bytes"));
            CHECK(slurp(path) == before);
            change(path, {Command::repair, "", {}, {}}, dir / "b.mov");
            CHECK(slurp(path) == before);
        }
        const std::string result = row.in_place ? path : dir / "b.mov";
        CHECK(read(result).tracks[0].timecode_references == std::vector<uint32_t>{2});
        CHECK(at(result, 59) == "01:00:01;29");
    }
}

TEST_CASE("copies: the original stays, no file is overwritten, nothing half is left") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov", copy = dir / "b.mov";
    three.write(path);
    const auto before = slurp(path);
    change(path, {Command::set, "02:00:00:00", {}, {}}, copy);
    CHECK(slurp(path) == before);
    CHECK(at(copy, 0) == "02:00:00:00");
    const auto copied = slurp(copy);
    CHECK(has(error_of([&] { change(path, {Command::set, "03:00:00:00", {}, {}}, copy); }), "overwrites no file"));
    CHECK(has(error_of([&] { change(path, {Command::set, "03:00:00:00", {}, {}}, path); }), "overwrites no file"));
    CHECK(slurp(copy) == copied);
    CHECK(slurp(path) == before);
    CHECK_FALSE(error_of([&] { change(path, {Command::set, "03:00:00:00", {}, {}}, dir / "no/c.mov"); }).empty());
    CHECK_FALSE(std::filesystem::exists(copy + ".part"));
}

TEST_CASE("a change that was cut off is found and undone") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov";
    MadeMovie movie = three;
    movie.reference = false; // the file grows
    movie.write(path);
    const auto before = slurp(path);
    // As after a crash between the two: the undo file of a change, and the file in the middle of it.
    change(path, {Command::repair, "", {}, {}});
    const auto after = slurp(path);
    CHECK(after.size() == before.size() + 20);
    auto half = before;
    std::copy_n(after.begin(), after.size() - 30, half.begin());
    const uint64_t moov = read(path).moov_offset;
    mov::BoxWriter w;
    w.text("tcundo 1"), w.u64(before.size()), w.u32(1), w.u64(moov), w.u32(before.size() - moov);
    w.bytes(std::span(before).subspan(moov));
    spill(path, half);
    spill(undo_path(path), w.data());
    CHECK(has(error_of([&] { check_no_undo(path); }), "tctool undo"));
    undo(path);
    CHECK(slurp(path) == before);
    CHECK(has(error_of([&] { undo(path); }), "nothing to undo"));
    spill(undo_path(path), {1, 2, 3});
    CHECK(has(error_of([&] { undo(path); }), "does not belong"));
    CHECK(slurp(path) == before);
}

TEST_CASE("two tracks of one number are not repaired") {
    MadeMovie movie = three;
    movie.reference_on_sound = true;
    movie.timecode_edits = {{30030, 0}};
    auto bytes = movie.bytes();
    const std::string head = "tkhd";
    const auto sound = std::search(bytes.begin(), bytes.end(), head.begin(), head.end()); // the first track
    REQUIRE(sound[19] == 3);
    sound[19] = 2;
    const mov::ReadAt reader = [&](uint64_t position, std::span<uint8_t> into) {
        if (position > bytes.size() || into.size() > bytes.size() - position) return false;
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), into.size(), into.begin());
        return true;
    };
    const Request request{Command::repair, "", true, {}};
    const std::string said =
        error_of([&] { plan(mov::read_timecode_file(bytes.size(), reader), bytes.size(), reader, request, true); });
    CHECK(has(said, "two tracks have the number 2"));
}

TEST_CASE("damaged files: an answer or an error, never a change of what was not understood") {
    const test::TempDir dir;
    const std::string path = dir / "a.mov";
    MadeMovie movie = three;
    movie.reference_on_sound = true;
    movie.timecode_edits = {{30030, 0}};
    const auto whole = movie.bytes();
    std::mt19937 random(11);
    size_t refused = 0, changed = 0;
    const auto try_all = [&](const std::vector<uint8_t>& bytes) {
        for (const Request& request : {Request{Command::set, "10:00:00:00", {}, {}},
                                       {Command::shift, "+5", {}, {}},
                                       {Command::repair, "", true, {}}}) {
            const mov::ReadAt reader = [&](uint64_t position, std::span<uint8_t> into) {
                if (position > bytes.size() || into.size() > bytes.size() - position) return false;
                std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), into.size(), into.begin());
                return true;
            };
            try {
                const Plan planned =
                    plan(mov::read_timecode_file(bytes.size(), reader), bytes.size(), reader, request, true);
                ++changed;
                // The media of other tracks lies outside of every patch.
                for (const Patch& patch : planned.patches)
                    REQUIRE(patch.before.size() <= bytes.size());
            } catch (const Error&) {
                ++refused;
            }
        }
    };
    for (size_t n = 0; n < whole.size(); n += 3)
        try_all({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)});
    CHECK(changed == 0);
    for (int round = 0; round < 5000; ++round) {
        auto bytes = whole;
        for (int flips = 1 + static_cast<int>(random() % 4); flips--;)
            bytes[random() % bytes.size()] ^= static_cast<uint8_t>(1u << (random() % 8));
        try_all(bytes);
    }
    CHECK(changed > 0);
    CHECK(refused > 0);
    // On the disk: what is refused stays as it is.
    for (size_t n = 1; n < whole.size(); n += 97) {
        const std::vector<uint8_t> cut(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(n));
        spill(path, cut);
        CHECK_FALSE(error_of([&] { change(path, {Command::set, "10:00:00:00", {}, {}}); }).empty());
        CHECK(slurp(path) == cut);
    }
}

TEST_CASE("the report in JSON") {
    const test::TempDir dir;
    three.write(dir / "a.mov");
    const std::string json = json_report(read(dir / "a.mov"), "a.mov", {"x \"y\""});
    for (const char* part : {"\"start\": \"01:00:00:00\"", "\"last\": \"00:00:00:19\"", "\"reel\": \"A1\"",
                             "\"frame_number\": 540000", "\"x \\\"y\\\"\"", "\"drop_frame\": false"})
        CHECK_MESSAGE(has(json, part), json);
}
