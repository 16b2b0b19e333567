// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Every kind of action into a real Matomo, and the signal verify beside its reports. tests/proofs/track_matomo.py reads
// single events back. The environment names the Matomo (tests/support/matomo/matomo.sh up prints it):
//   ONAIR_TEST_MATOMO_URL          base address
//   ONAIR_TEST_MATOMO_TOKEN_FILE   file with a token that may write to the site and read its reports
//   ONAIR_TEST_MATOMO_SITE         number of the site; nobody else sends to it meanwhile
#include "tests/support/skip.hpp"
#include "tests/support/track_feed.hpp"

#include "common/gst/ref_ptr.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/events/uuid.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <iterator>
#include <map>
#include <string>

using namespace onair;
using test::TempDir;
using test::TrackFeed;

namespace {

using Counts = std::map<std::string, guint64>;

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// `side` of the only destination: "ours" or "theirs".
Counts counts_of(const GstStructure* verification, const char* side) {
    Counts out;
    GstStructure *both = nullptr, *raw = nullptr;
    gst_structure_get(verification, "matomo", GST_TYPE_STRUCTURE, &both, nullptr);
    REQUIRE(both);
    const gst::StructurePtr owner(both);
    gst_structure_get(both, side, GST_TYPE_STRUCTURE, &raw, nullptr);
    REQUIRE(raw);
    const gst::StructurePtr counts(raw);
    for (int i = 0; i < gst_structure_n_fields(raw); ++i) {
        const char* name = gst_structure_nth_field_name(raw, static_cast<guint>(i));
        gst_structure_get_uint64(raw, name, &out[name]);
    }
    return out;
}

gst::StructurePtr verify(const TrackFeed& feed, const std::string& from, const std::string& to) {
    const gst::StructurePtr period(
        gst_structure_new("period", "from", G_TYPE_STRING, from.c_str(), "to", G_TYPE_STRING, to.c_str(), nullptr));
    GstStructure* raw = nullptr;
    g_signal_emit_by_name(feed.sink(), "verify", period.get(), &raw);
    return gst::StructurePtr(raw);
}

} // namespace

TEST_CASE("Matomo: every kind is taken, and its reports count what the signal verify counts") {
    const std::string url = from_environment("ONAIR_TEST_MATOMO_URL"),
                      token_file = from_environment("ONAIR_TEST_MATOMO_TOKEN_FILE"),
                      site = from_environment("ONAIR_TEST_MATOMO_SITE");
    if (url.empty() || token_file.empty() || site.empty())
        return test::skip("no Matomo: ONAIR_TEST_MATOMO_URL, _TOKEN_FILE and _SITE are not set");
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + url + " site-id=" + site + " token-file=" + token_file);
    track::SystemClock clock;
    const int64_t now = clock.utc_us(), start = now - 60'000'000;
    const std::string run = track::UuidMaker().make(now), quotes(4096, '\'');
    const auto order = [&](int n) {
        return R"("action":{"kind":"order"},"order":{"id":")" + run + std::to_string(n) +
               R"(","revenue":12.5,"tax":2,"items":[{"sku":"s","name":"n","price":6,"quantity":2}]})";
    };
    const std::string events[] = {
        R"("action":{"kind":"event"})",
        R"("action":{"kind":"event","name":")" + quotes + "\"}", // cut, else it would fail the whole request
        R"("action":{"kind":"page","url":"http://site1.example/p","name":"Page"})",
        R"("action":{"kind":"product","url":"http://site1.example/q"},"order":{"items":[{"sku":"s","price":6}]})",
        R"("action":{"kind":"download","url":"http://site1.example/f.mov"})",
        R"("action":{"kind":"outlink","url":"http://other.example/"})",
        R"("action":{"kind":"search","name":"word","category":"cat","value":3})",
        R"("action":{"kind":"content","name":"Ad","piece":"p"})",
        R"("action":{"kind":"content","name":"Ad","piece":"p","action":"click"})",
        R"("action":{"kind":"content","name":"Ad","piece":"p","url":"http://site1.example/p"})",
        R"("action":{"kind":"goal","goal":1,"value":2.5})",
        R"("action":{"kind":"goal","goal":2,"value":2.5})",
        R"("action":{"kind":"goal","goal":2,"value":2.5})",
        R"("action":{"kind":"cart"},"order":{"revenue":3,"items":[{"sku":"s"}]})",
        order(1),
        order(2),
        R"("action":{"kind":"cart"},"order":{"revenue":4,"items":[{"sku":"s"}]})",
        R"("action":{"kind":"media"},"media":{"id":"m","title":"T","pos":12.5})",
        R"("action":{"kind":"crash","action":"SIGSEGV"})",
        R"("action":{"kind":"ping"})",
        R"("subject":{"user":"ann","device":"0123456789abcdef"},"net":{"ip":"192.0.2.7","ua":"Googlebot/2.1","lang":"de"},"consent":{"analytics":"granted"})",
        R"("dims":{"1":"x","999":7})",
    };
    const Counts expected{{"events", 6},   {"pages", 4}, {"downloads", 1}, {"outlinks", 1},
                          {"searches", 1}, {"goals", 3}, {"orders", 2}};
    const std::string from = track::format_utc(start).substr(0, 10), to = track::format_utc(now).substr(0, 10);
    gst_element_set_state(feed.pipeline(), GST_STATE_PLAYING);
    const auto before = verify(feed, from, to);
    REQUIRE(before);
    int64_t at = start;
    for (const std::string& fields : events) {
        gboolean taken = FALSE;
        const std::string event = R"({"type":"onair.test.case","source":"gst://verify/)" + run + R"(","time":")" +
                                  track::format_utc(at += 1'000'000) + "\"," + fields + "}";
        g_signal_emit_by_name(feed.sink(), "push-json", event.c_str(), &taken);
        CHECK_MESSAGE(taken, event);
    }
    gboolean flushed = FALSE;
    g_signal_emit_by_name(feed.sink(), "flush", guint64{60 * GST_SECOND}, &flushed);
    CHECK(flushed);
    CHECK(feed.stat("delivered") == static_cast<int64_t>(std::size(events)));
    CHECK(feed.text("SELECT group_concat(reason) FROM deliveries WHERE state = 'dead'") == "");
    g_usleep(2 * G_USEC_PER_SEC); // a report is kept for the second in which it was made
    const auto after = verify(feed, from, to);
    REQUIRE(after);
    CHECK(counts_of(after.get(), "ours") == expected);
    Counts theirs = counts_of(after.get(), "theirs");
    for (auto& [name, n] : theirs) {
        n -= counts_of(before.get(), "theirs")[name];
        CAPTURE(name);
        CHECK(n == expected.at(name));
    }
    CHECK(theirs.size() == expected.size());
    feed.end();
    gst_element_set_state(feed.pipeline(), GST_STATE_NULL);
    CHECK(feed.balanced());
    test::ran();
}
