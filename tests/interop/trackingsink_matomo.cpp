// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// 1,000 events into a pipeline, 1,000 read back by the Reporting API of a real Matomo. The environment names it:
//   ONAIR_TEST_MATOMO_URL          base address
//   ONAIR_TEST_MATOMO_TOKEN_FILE   file with a token that may write to the site and read its reports
//   ONAIR_TEST_MATOMO_SITE         number of the site
#include "tests/support/skip.hpp"
#include "tests/support/track_feed.hpp"

#include "engine/events/json.hpp"
#include "engine/events/utc_clock.hpp"
#include "engine/events/uuid.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace onair;
using test::TempDir;
using test::TrackFeed;

namespace {

struct Matomo {
    std::string url, token_file, site;
};

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// One report as text; the token goes through a file, not through the arguments.
std::string report(const Matomo& matomo, const TempDir& dir, const std::string& query) {
    std::ifstream file(matomo.token_file);
    std::string token;
    std::getline(file, token);
    std::ofstream(dir / "query") << "module=API&format=JSON&flat=1&filter_limit=-1&idSite=" << matomo.site
                                 << "&token_auth=" << token << "&" << query;
    return test::run_command("curl -s --data @" + (dir / "query") + " " + matomo.url + "/index.php").output;
}

/// Matomo writes its numbers as numbers or as strings.
int64_t number(const track::json::Value* v) {
    if (!v) return 0;
    if (v->IsNumber()) return static_cast<int64_t>(v->GetDouble());
    return v->IsString() ? std::atoll(v->GetString()) : 0;
}

/// Sum of `field` over the rows of `text` whose label holds `label`.
int64_t sum(const std::string& text, const std::string& label, const char* field) {
    track::json::Document doc;
    doc.Parse(text.c_str());
    if (doc.HasParseError() || !doc.IsArray()) return -1;
    int64_t out = 0;
    for (const auto& row : doc.GetArray())
        if (track::json::find_text(&row, "label").value_or("").find(label) != std::string_view::npos)
            out += number(track::json::find(&row, field));
    return out;
}

} // namespace

TEST_CASE("Matomo: 1,000 events in, 1,000 read back") {
    const Matomo matomo{from_environment("ONAIR_TEST_MATOMO_URL"), from_environment("ONAIR_TEST_MATOMO_TOKEN_FILE"),
                        from_environment("ONAIR_TEST_MATOMO_SITE")};
    if (matomo.url.empty() || matomo.token_file.empty() || matomo.site.empty())
        return test::skip("no Matomo: ONAIR_TEST_MATOMO_URL, _TOKEN_FILE and _SITE are not set");
    if (!test::have_program("curl")) return test::skip("no curl to read the reports with");

    const TempDir dir;
    track::SystemClock clock;
    const int64_t now = clock.utc_us();
    const std::string category = "onair-test-" + track::UuidMaker().make(now); // re-runs count their own
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + matomo.url + " site-id=" + matomo.site + " token-file=" + matomo.token_file +
                       " drain-timeout=60000000000");
    const auto result = feed.run([&] {
        for (int i = 0; i < 1000; ++i)
            feed.push("{\"type\":\"onair.run.progress\",\"time\":\"" + track::format_utc(now - (1000 - i) * 10'000) +
                      "\",\"timecode\":\"01:00:00:" + std::to_string(10 + i % 15) + "\",\"action\":{\"category\":\"" +
                      category + "\",\"value\":" + std::to_string(i % 10) + "}}\n");
    });
    REQUIRE(result.eos);
    for (const auto& warning : result.warnings)
        CHECK_MESSAGE(false, warning.text);
    CHECK(feed.stat("delivered") == 1000);
    CHECK(feed.stat("ambiguous") == 0);
    CHECK(feed.balanced());

    int64_t events = 0, value = 0, names = 0;
    const std::string first = track::format_utc(now - 10'000'000).substr(0, 10),
                      last = track::format_utc(now).substr(0, 10);
    for (const std::string& day : first == last ? std::vector{last} : std::vector{first, last}) {
        const std::string by_category = report(matomo, dir, "method=Events.getCategory&period=day&date=" + day);
        events += sum(by_category, category, "nb_events");
        value += sum(by_category, category, "sum_event_value");
        names +=
            sum(report(matomo, dir, "method=Events.getCategory&secondaryDimension=eventName&period=day&date=" + day),
                category + " - 01:00:00:", "nb_events");
    }
    CHECK(events == 1000);
    CHECK(value == 4500);
    CHECK(names == 1000);
    MESSAGE("category " << category << ": " << events << " events, values " << value << ", " << names
                        << " with timecode");
    test::ran();
}

TEST_CASE("Matomo: every kind of action is taken, and past times too") {
    const Matomo matomo{from_environment("ONAIR_TEST_MATOMO_URL"), from_environment("ONAIR_TEST_MATOMO_TOKEN_FILE"),
                        from_environment("ONAIR_TEST_MATOMO_SITE")};
    if (matomo.url.empty() || matomo.token_file.empty() || matomo.site.empty())
        return test::skip("no Matomo: ONAIR_TEST_MATOMO_URL, _TOKEN_FILE and _SITE are not set");
    const TempDir dir;
    TrackFeed feed(dir / "e.db", "application/x-ndjson",
                   "matomo-url=" + matomo.url + " site-id=" + matomo.site + " token-file=" + matomo.token_file +
                       " drain-timeout=60000000000");
    track::SystemClock clock;
    const std::string order = track::UuidMaker().make(clock.utc_us());
    const std::string quotes(4096, '\'');
    const std::string actions[] = {
        R"("action":{"kind":"event"})",
        R"("action":{"kind":"event","name":")" + quotes + "\"}", // cut, else it would fail the whole request
        R"("action":{"kind":"page","url":"http://site1.example/p","name":"Page"})",
        R"("action":{"kind":"download","url":"http://site1.example/f.mov"})",
        R"("action":{"kind":"search","name":"word","category":"cat","value":3})",
        R"("action":{"kind":"goal","goal":1,"value":2.5})",
        R"("action":{"kind":"order"},"order":{"id":")" + order +
            R"(","revenue":12.5,"tax":2,"items":[{"sku":"s","name":"n","price":6,"quantity":2}]})",
        R"("action":{"kind":"cart"},"order":{"revenue":3,"items":[{"sku":"s"}]})",
        R"("action":{"kind":"media"},"media":{"id":"m","title":"T","pos":12.5})",
        R"("action":{"kind":"crash","action":"SIGSEGV"})",
        R"("action":{"kind":"ping"})",
        R"("time":"2026-01-02T03:04:05Z")",
        R"("subject":{"user":"ann","device":"0123456789abcdef"},"net":{"ip":"192.0.2.7","ua":"Googlebot/2.1","lang":"de"},"consent":{"analytics":"granted"})",
        R"("dims":{"1":"x","999":7})",
    };
    const auto result = feed.run([&] {
        for (const std::string& fields : actions)
            feed.push(R"({"type":"onair.test.case",)" + fields + "}\n");
    });
    CHECK(result.eos);
    for (const auto& warning : result.warnings)
        CHECK_MESSAGE(false, warning.text);
    CHECK(feed.stat("stored") == static_cast<int64_t>(std::size(actions)));
    CHECK(feed.stat("delivered") == static_cast<int64_t>(std::size(actions)));
    CHECK(feed.text("SELECT group_concat(reason) FROM deliveries WHERE state = 'dead'") == "");
    test::ran();
}
