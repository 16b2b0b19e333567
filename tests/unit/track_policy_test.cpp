// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/command.hpp"

#include "engine/privacy/policy.hpp"
#include "engine/privacy/policy_file.hpp"

#include "common/base/error.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace onair;
using namespace onair::track;

TEST_CASE("a policy file, with comments") {
    const Policy policy = read_policy(R"(// the station's policy
{
  "format": 1,
  "revision": "2026-11-24",   /* ours */
  "environment": "live",
  "strict": true,
  "consent": {"mode": "hold", "honour-dnt": false, "honour-gpc": true},
  "minimise": {"ip-mask": 3, "pseudonyms": "user+device", "order-ids": true, "url-strip": ["SID", "x"],
               "referrer": "exclude-path"},
  "enrich": {"fields": {"props.station": "north", "dims.2": 7}, "pipeline": true, "caps": true, "timecode": false},
  "destinations": {"matomo": {"allow": ["type", "action.*"]}, "ads": {"allow": "purchase", "purpose": "ads"}, "none": {}},
  "rules": [{"name": "test", "environment": "stage", "action": "drop"}, {"name": "all", "action": "keep"}],
  "default": "drop"
})",
                                      std::nullopt);
    CHECK(policy.revision == "2026-11-24");
    CHECK(policy.environment == "live");
    CHECK(policy.strict);
    CHECK(policy.consent.mode == ConsentMode::hold);
    CHECK_FALSE(policy.consent.honour_dnt);
    CHECK(policy.consent.honour_gpc);
    CHECK(policy.minimise.ip_mask == 3);
    CHECK(policy.minimise.pseudonyms == Pseudonyms::user_device);
    CHECK(policy.minimise.url_strip == std::vector<std::string>{"sid", "x"});
    CHECK(policy.minimise.referrer == ReferrerMode::exclude_path);
    CHECK(policy.enrich.fields.size() == 2);
    CHECK(policy.of_destination("ads").purpose == Purpose::ads);
    CHECK(policy.of_destination("none").allow.empty());
    CHECK(policy.of_destination("unheard").allow.empty());
    CHECK(policy.rules.rules.size() == 1);
    CHECK_FALSE(policy.rules.keep_by_default);
    CHECK(read_policy(R"({"format":1,"rules":[{"name":"t","environment":"stage"}]})", "stage").rules.rules.size() == 1);
    CHECK_FALSE(Policy().of_destination("matomo").allow.empty());
}

TEST_CASE("what is wrong with a policy file, and where") {
    struct Row {
        const char *text, *path, *what;
    };
    const Row rows[] = {
        {"{", "line 1, column 2", "name"},
        {"{\n  \"format\": 1,\n  \"rules\": [}\n}", "line 3, column 13", "value"},
        {"[]", "the file", "object"},
        {"{}", "format", "missing"},
        {R"({"format":2})", "format", "from 1 to 1"},
        {R"({"format":1,"format":1})", "format", "twice"},
        {R"({"format":1,"consents":{}})", "consents", "not known"},
        {R"({"format":1,"consent":{"mode":"maybe"}})", "consent.mode", "drop, anonymous, hold"},
        {R"({"format":1,"consent":{"honour-dnt":1}})", "consent.honour-dnt", "true nor false"},
        {R"({"format":1,"minimise":{"ip-mask":5}})", "minimise.ip-mask", "0 to 4"},
        {R"({"format":1,"minimise":{"pseudonyms":"all"}})", "minimise.pseudonyms", "user+device"},
        {R"({"format":1,"minimise":{"referrer":"none"}})", "minimise.referrer", "exclude-all"},
        {R"({"format":1,"destinations":{"matomo":{"allow":"most"}}})", "destinations.matomo.allow", "purchase"},
        {R"({"format":1,"destinations":{"matomo":{"allow":["a","b*"]}}})", "destinations.matomo.allow[1]", "path"},
        {R"({"format":1,"destinations":{"matomo":{"purpose":"fun"}}})", "destinations.matomo.purpose", "ads"},
        {R"({"format":1,"rules":{}})", "rules", "array"},
        {R"({"format":1,"rules":[{}]})", "rules[0]", "no name"},
        {R"({"format":1,"rules":[{"name":"a"},{"name":"a"}]})", "rules[1]", "name of another"},
        {R"({"format":1,"rules":[{"name":"a","sample":2}]})", "rules[0].sample", "range"},
        {R"({"format":1,"rules":[{"name":"a","action":"go"}]})", "rules[0].action", "keep, drop"},
        {R"({"format":1,"rules":[{"name":"a","match":{"type":{"regex":"("}}}]})", "rules[0].match.type.regex",
         "regular"},
        {R"({"format":1,"rules":[{"name":"a","match":{"type":[]}}]})", "rules[0].match.type", "empty"},
        {R"({"format":1,"rules":[{"name":"a","rate-limit":{"events":0}}]})", "rules[0].rate-limit.events", "range"},
        {R"({"format":1,"rules":[{"name":"a","set":{"subject.user":"x"}}]})", "rules[0].set.subject.user",
         "cannot be set"},
        {R"({"format":1,"rules":[{"name":"a","set":{"consent.analytics":"granted"}}]})",
         "rules[0].set.consent.analytics", "cannot be set"},
        {R"({"format":1,"rules":[{"name":"a","set":{"order.revenue":"x"}}]})", "rules[0].set.order.revenue",
         "props and dims"},
        {R"({"format":1,"rules":[{"name":"a","set":{"dims.x":"x"}}]})", "rules[0].set.dims.x", "1 to 999"},
        {R"({"format":1,"rules":[{"name":"a","set":{"props.x":[]}}]})", "rules[0].set.props.x", "text, a number"},
        {R"({"format":1,"enrich":{"fields":{"net.ip":"1.2.3.4"}}})", "enrich.fields.net.ip", "cannot be set"},
        {R"({"format":1,"default":"maybe"})", "default", "keep nor drop"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        std::string path, what;
        try {
            read_policy(row.text, std::nullopt);
        } catch (const PolicyProblem& problem) {
            path = problem.path;
            what = problem.what;
        }
        CHECK(path == row.path);
        CAPTURE(what);
        CHECK(what.find(row.what) != std::string::npos);
    }
}

TEST_CASE("the example of the document can be loaded") {
    std::ifstream in(ONAIR_POLICY_MD);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const size_t from = text.find("```json\n"), to = text.find("\n```", from);
    REQUIRE(to != std::string::npos);
    const Policy policy = read_policy(text.substr(from + 8, to - from - 8), std::nullopt);
    CHECK(policy.rules.rules.size() == 3);
    CHECK(policy.consent.mode == ConsentMode::hold);
}

TEST_CASE("properties override the file; errors name file and place") {
    const test::TempDir dir;
    const std::string file = dir / "policy.json";
    std::ofstream(file) << R"({"format":1,"consent":{"mode":"anonymous"},"minimise":{"ip-mask":1}})";
    PolicySource source;
    source.file = file;
    source.ip_mask = 4;
    source.allow["matomo"] = "type,order.revenue";
    const auto policy = load_policy(source);
    CHECK(policy->consent.mode == ConsentMode::anonymous);
    CHECK(policy->minimise.ip_mask == 4);
    CHECK_FALSE(policy->of_destination("matomo").allow.empty());
    CHECK(load_policy(source)->number > policy->number);

    const auto error_of = [](const PolicySource& s) -> std::string {
        try {
            load_policy(s);
        } catch (const Error& e) {
            CHECK(e.kind() == ErrorKind::settings);
            return e.what();
        }
        return {};
    };
    std::ofstream(file) << R"({"format":1,"minimise":{"ip-mask":9}})";
    CHECK(error_of(source).find(file + " cannot be used: minimise.ip-mask is not from 0 to 4") != std::string::npos);
    source.file = dir / "none.json";
    CHECK(error_of(source).find("cannot be read: No such file") != std::string::npos);
    source.file.clear();
    source.allow["matomo"] = "type,*x";
    CHECK(error_of(source).find("for matomo") != std::string::npos);
}
