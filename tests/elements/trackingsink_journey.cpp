// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// From an ad on one device to an order on another: one visitor, found by the program in docs/queries.md as it stands
// there.
#include "tests/support/command.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/track_feed.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

using namespace onair;
using test::TempDir;
using test::TrackFeed;

namespace {

constexpr char phone[] = "aaaaaaaaaaaaaaaa", desk[] = "bbbbbbbbbbbbbbbb", other[] = "cccccccccccccccc";

std::string event(const std::string& time, const std::string& type, const std::string& subject,
                  const std::string& more) {
    return R"({"type":")" + type + R"(","time":"2026-11-)" + time + R"(Z","subject":{)" + subject +
           R"(},"consent":{"analytics":"granted","ads":"granted"})" + more + "}\n";
}
std::string device(const std::string& id) { return R"("device":")" + id + R"(")"; }
const std::string joe = R"("user":"joe",)";
const std::string ad =
    R"(,"action":{"kind":"page","url":"https://shop.example/?gclid=AD-77&utm_campaign=autumn","name":"Shop"})";

/// The first fenced block of Python in a document.
std::string python_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string all = text.str(), begin = "```python\n";
    const size_t from = all.find(begin), to = all.find("```", from + begin.size());
    return from == std::string::npos ? "" : all.substr(from + begin.size(), to - from - begin.size());
}

} // namespace

TEST_CASE("ad, page view on one device, payment on another, order: one visitor") {
    const TempDir dir;
    const std::string db = dir / "events.db";
    TrackFeed web(db);
    CHECK(web.run([&] {
                 web.push(event("20T10:00:00", "shop.page.viewed", device(phone), ad));
                 web.push(event("20T10:00:30", "shop.page.viewed", device(other),
                                R"(,"action":{"kind":"page","url":"https://shop.example/"})")); // somebody else
                 web.push(event("20T10:05:00", "shop.account.login", joe + device(phone), ""));
             })
              .eos);
    TrackFeed till(db, "application/json"); // the payment's own program, a day later
    CHECK(till.run([&] {
                  till.push(event("21T09:00:00", "shop.payment.confirmed", joe + device(desk), ""));
                  till.push(
                      event("21T09:00:01", "shop.order.placed", joe + device(desk),
                            R"(,"action":{"kind":"order"},"order":{"id":"O-1","revenue":49.5,"currency":"EUR"})"));
              })
              .eos);
    CHECK(till.count("accepted") == 5);
    CHECK(till.balanced());
    CHECK(till.number("SELECT count(DISTINCT visitor) FROM onair_journeys") == 2);
    CHECK(till.number("SELECT count(*) FROM onair_journeys WHERE visitor = "
                      "(SELECT visitor FROM onair_journeys WHERE order_id = 'O-1')") == 4);

    if (!test::have_program("python3")) return test::skip("the query is a Python program");
    const char* source = std::getenv("ONAIR_SOURCE_DIR");
    const std::string program = python_of(std::string(source ? source : ".") + "/docs/queries.md");
    REQUIRE(program.size() > 100);
    std::ofstream(dir / "journey.py") << program;
    const auto shown = test::run_command("python3 " + (dir / "journey.py") + " " + db);
    CHECK(shown.status == 0);
    CHECK(shown.output ==
          "order O-1: 49.5 EUR, 2 devices, ad {'gclid': 'AD-77', 'utm_campaign': 'autumn'}\n"
          "  2026-11-20T10:00:00.000000Z shop.page.viewed aaaaaaaaaaaaaaaa "
          "https://shop.example/?utm_campaign=autumn\n" // gclid is stripped from URLs, kept with the visitor
          "  2026-11-20T10:05:00.000000Z shop.account.login aaaaaaaaaaaaaaaa\n"
          "  2026-11-21T09:00:00.000000Z shop.payment.confirmed bbbbbbbbbbbbbbbb\n"
          "  2026-11-21T09:00:01.000000Z shop.order.placed bbbbbbbbbbbbbbbb\n");
    test::ran();
}
