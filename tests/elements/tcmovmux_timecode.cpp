// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the timecode comes from, and that the file holds it.
#include "tests/support/mov_feed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace onair;
using namespace onair::test;

namespace {

struct Row {
    std::string options;
    const char* carried; ///< by the first picture
    int fps_n, fps_d;
    int64_t frame_number; ///< -1: no timecode track
    uint32_t flags;
    const char* message; ///< part of the element message, null: none
};

size_t messages_of(const PipelineResult& result, const std::string& name) {
    return static_cast<size_t>(std::count_if(result.messages.begin(), result.messages.end(),
                                             [&](const std::string& m) { return m.rfind(name, 0) == 0; }));
}

std::string rate_text(const Row& row) { return std::to_string(row.fps_n) + "/" + std::to_string(row.fps_d); }

} // namespace

TEST_CASE("property, picture, both, none") {
    const Row rows[] = {
        {"", nullptr, 30, 1, -1, 0, nullptr},
        {"timecode=00:00:30:00", nullptr, 30, 1, 900, 2, "source=(string)property"},
        {"", "10:00:00:00", 25, 1, 900000, 2, "source=(string)meta"},
        {"", "01:00:00;00", 30000, 1001, 107892, 3, "01:00:00\\;00"},
        {"timecode=01:00:00;00", nullptr, 30000, 1001, 107892, 3, nullptr},
        {"timecode=23:59:59;59", nullptr, 60000, 1001, 5178815, 3, nullptr},
        {"timecode=02:00:00:00", "10:00:00:00", 25, 1, 180000, 2, "overridden=(string)10:00:00:00"},
        {"timecode=02:00:00:00 timecode-source=meta", "10:00:00:00", 25, 1, 900000, 2, "source=(string)meta"},
        {"timecode=02:00:00:00 timecode-source=none", "10:00:00:00", 25, 1, -1, 0, nullptr},
        {"timecode=02:00:00:00 timecode-source=property", "10:00:00:00", 25, 1, 180000, 2, "overridden"},
        {"timecode=01:00:00:00", nullptr, 24000, 1001, 86400, 2, nullptr},
        {"timecode=-00:00:01:00", nullptr, 25, 1, -25, 6, "timecode=(string)-00:00:01:00"},
        {"timecode-base=30 timecode=01:00:00:00", nullptr, 60, 1, 108000, 2, nullptr},
        {"force-timecode=true", nullptr, 25, 1, 0, 2, nullptr},
    };
    for (const Row& row : rows) {
        CAPTURE(row.options);
        CAPTURE(rate_text(row));
        MovRun run(appsrc("v", prores_caps + rate_text(row)) + " ! m. ", "reel-name=R12 " + row.options);
        const PipelineResult result = run.run([&] { run.pictures("v", 12, row.fps_n, row.fps_d, row.carried); });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(result.errors.empty());
        const Mov mov = run.movie();
        CHECK(mov.by_handler("vide").samples() == 12);
        REQUIRE(mov.count("tmcd") == (row.frame_number == -1 ? 0 : 1));
        const bool forced = row.options.rfind("force", 0) == 0; // comes from nowhere
        CHECK(messages_of(result, "timecode-source") == (forced ? 0 : mov.count("tmcd")));
        if (row.message) CHECK_MESSAGE(all_said(result).find(row.message) != std::string::npos, all_said(result));
        if (row.frame_number == -1) continue;
        const MovTrack& tmcd = mov.by_handler("tmcd");
        CHECK(static_cast<int32_t>(mov.first_sample(tmcd)) == row.frame_number);
        CHECK(mov.timecode(tmcd).flags == row.flags);
        CHECK(mov.timecode(tmcd).reel == "R12");
        CHECK(tmcd.ticks() == mov.by_handler("vide").ticks());
    }
}

TEST_CASE("without a fixed frame rate and without a timecode the video is written all the same") {
    for (const char* rate : {"0/1", ""}) {
        const std::string caps = prores_caps + (rate[0] ? rate : "0/1");
        MovRun run(appsrc("v", caps) + " ! m. ");
        const PipelineResult result = run.run([&] { run.pictures("v", 5); });
        CHECK_MESSAGE(result.eos, all_said(result));
        CHECK(run.movie().by_handler("vide").samples() == 5);
        CHECK(run.movie().count("tmcd") == 0);
    }
}

TEST_CASE("two video tracks each carry their own") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m.video_0 " + appsrc("w", prores_caps + "50/1") +
               " ! m.video_1 ");
    const PipelineResult result = run.run([&] {
        run.pictures("v", 10, 25, 1, "01:00:00:00");
        run.pictures("w", 20, 50, 1, "02:00:00:49");
    });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    REQUIRE(mov.count("tmcd") == 2);
    CHECK(messages_of(result, "timecode-source") == 2);
    CHECK(mov.first_sample(mov.by_handler("tmcd", 0)) == 90000);
    CHECK(mov.first_sample(mov.by_handler("tmcd", 1)) == 2 * 3600 * 50 + 49);
    for (size_t i = 0; i < 2; ++i)
        CHECK(mov.by_handler("vide", i).timecode_tracks == std::vector<uint32_t>{mov.by_handler("tmcd", i).id});
}

TEST_CASE("a timecode that runs over midnight starts before it and covers all pictures") {
    MovRun run(appsrc("v", prores_caps + "25/1") + " ! m. ", "timecode=23:59:59:20");
    const PipelineResult result = run.run([&] { run.pictures("v", 20, 25); });
    CHECK_MESSAGE(result.eos, all_said(result));
    const Mov mov = run.movie();
    const MovTrack& tmcd = mov.by_handler("tmcd");
    CHECK(mov.first_sample(tmcd) == 2159995);
    CHECK(mov.timecode(tmcd).flags == 2); // readers wrap
    CHECK(tmcd.ticks() == 20 * 512);
}
