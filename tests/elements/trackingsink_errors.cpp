// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/skip.hpp"
#include "tests/support/track_feed.hpp"

#include "engine/store/sqlite.hpp"

#include <doctest/doctest.h>
#include <gst/gst.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace onair;
using test::PipelineResult;
using test::TempDir;
using test::TrackFeed;

namespace {

const std::string good = R"({"type":"test.case.run","props":{"n":1}})";

void one_error(PipelineResult result, const std::string& part) {
    // Every source adds one of its own when a push comes back with an error.
    std::erase_if(result.errors, [](const test::Said& said) { return said.has("Internal data stream error"); });
    REQUIRE(result.errors.size() == 1);
    CAPTURE(result.errors[0].text);
    CHECK(result.errors[0].has(part));
}

/// Asks once for PAUSED, which fails; what the bus said.
PipelineResult fail_to_start(TrackFeed& feed) {
    PipelineResult result;
    CHECK(gst_element_set_state(feed.pipeline(), GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
    const gst::BusPtr bus(gst_element_get_bus(feed.pipeline()));
    while (const gst::MessagePtr message{gst_bus_pop(bus.get())})
        test::take_message(result, message.get());
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    return result;
}

std::string large(int n) {
    return "{\"type\":\"test.case.run\",\"id\":\"L" + std::to_string(n) + "\",\"props\":{\"s\":\"" +
           std::string(4000, 'x') + "\"}}\n";
}

bool says(const std::vector<test::Said>& all, const std::string& part) {
    return std::any_of(all.begin(), all.end(), [&](const test::Said& said) { return said.has(part); });
}

/// Pushes more than the disk takes and ends the stream: one warning says so, the stream ends all the same, and stopping
/// says in an error what could not be written. What is there is whole.
void fill(TrackFeed& feed, const std::string& part) {
    const PipelineResult result = feed.run([&] {
        for (int i = 0; i < 400; ++i)
            feed.push(large(i));
    });
    CHECK(result.eos);
    CHECK(std::count_if(result.warnings.begin(), result.warnings.end(),
                        [&](const test::Said& said) { return said.has(part); }) == 1);
    CHECK(feed.stat("stored") < 400);
    CHECK(feed.stat("received") == 400);
    CHECK(feed.text("PRAGMA integrity_check") == "ok");
    CHECK(feed.count("accepted") == feed.stat("stored"));
}

} // namespace

TEST_CASE("settings: one error each, before anything is made") {
    unsetenv("ONAIR_MATOMO_TOKEN");
    struct Row {
        bool location;
        const char *more, *words;
    };
    const TempDir dir;
    const std::string url = "matomo-url=http://127.0.0.1:9/ ";
    const std::string site = url + "site-id=1 ", no_token = site + "token-file=/nonexistent/token";
    const Row rows[] = {
        {false, "", "No database is named"},
        {true, "matomo-url=m.example", "matomo-url cannot be used"},
        {true, url.c_str(), "site-id is not"},
        {true, site.c_str(), "ONAIR_MATOMO_TOKEN"},
        {true, no_token.c_str(), "token file /nonexistent/token cannot be read: No such file"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.words);
        const std::string db = dir / "e.db";
        TrackFeed feed(row.location ? db : "", "application/x-ndjson", row.more);
        one_error(fail_to_start(feed), row.words);
        CHECK(access(db.c_str(), F_OK) != 0);
    }
}

TEST_CASE("files that cannot be used: one error each, with SQLite's words") {
    const TempDir dir;
    std::ofstream(dir / "notes.txt") << std::string(5000, 'x');
    const std::string newer = dir / "newer.db";
    {
        TrackFeed feed(newer);
        feed.run([&] { feed.push(good); });
        track::sql::Database(newer).execute("PRAGMA user_version = 9");
    }
    struct Row {
        std::string path;
        const char* words;
    };
    const Row rows[] = {
        {dir / "no/such/dir/e.db", "cannot be opened"},
        {dir / "no/such/dir/e.db", "No such file"},
        {dir / ".", "cannot be opened"},
        {dir / "notes.txt", "is not an event database"},
        {dir / "notes.txt", "file is not a database"},
        {newer, "schema version 9, this element knows up to 2"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.path);
        TrackFeed feed(row.path);
        one_error(fail_to_start(feed), row.words);
    }
}

TEST_CASE("an element that failed to start works once it is set right") {
    const TempDir dir;
    TrackFeed feed(dir / "e.db");
    g_object_set(feed.sink(), "location", nullptr, nullptr);
    one_error(fail_to_start(feed), "No database is named");
    g_object_set(feed.sink(), "location", (dir / "e.db").c_str(), nullptr);
    const auto result = feed.run([&] { feed.push(good); });
    CHECK(result.eos);
    CHECK(feed.count("accepted") == 1);
    test::ran();
}

TEST_CASE("a file that may not grow: said once, the stream ends, what was stored is whole") {
    const TempDir dir;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{}, small{};
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 400 * 1024;
    TrackFeed feed(dir / "e.db", "application/x-ndjson", "drain-timeout=200000000");
    setrlimit(RLIMIT_FSIZE, &small);
    fill(feed, "cannot be written to at the moment");
    setrlimit(RLIMIT_FSIZE, &before);
    test::ran();
}

TEST_CASE("a full disk: said once, and all is written when there is room") {
    const TempDir dir;
    const std::string mount = dir / "disk";
    if (test::run_command("mkdir " + mount + " && mount -t tmpfs -o size=1m tmpfs " + mount).status != 0)
        return test::skip("a full disk needs a tmpfs, which only root may mount");
    const std::shared_ptr<void> unmount(nullptr, [&](void*) { test::run_command("umount " + mount); });
    {
        TrackFeed feed(mount + "/e.db");
        gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
        for (int i = 0; i < 400; ++i)
            feed.push(large(i));
        const gst::BusPtr bus(gst_element_get_bus(feed.pipeline()));
        PipelineResult result;
        while (!says(result.warnings, "No space is left"))
            if (const gst::MessagePtr message{gst_bus_timed_pop(bus.get(), 60 * GST_SECOND)})
                test::take_message(result, message.get());
            else
                break;
        test::run_command("mount -o remount,size=64m " + mount);
        while (!says(result.warnings, "is written to again"))
            if (const gst::MessagePtr message{gst_bus_timed_pop(bus.get(), 60 * GST_SECOND)})
                test::take_message(result, message.get());
            else
                break;
        CHECK(says(result.warnings, "is written to again"));
        const auto rest = feed.run([&] { feed.push(good); });
        CHECK(rest.eos);
        CHECK(rest.errors.empty());
        CHECK(feed.count("accepted") == 401);
        CHECK(feed.balanced());
    }
    test::ran();
}
