// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
// From the policy file to the request: the options of the mapping to Matomo. The mapping by kind:
// track_matomo_test.cpp.
#include "tests/support/command.hpp"
#include "tests/support/error_of.hpp"

#include "engine/delivery/outbox.hpp"
#include "engine/delivery/senders/matomo.hpp"
#include "engine/privacy/policy.hpp"
#include "engine/privacy/policy_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace onair;
using namespace onair::track;
using test::has;

namespace {

constexpr int64_t now = 1'795'521'600'500'000; // 2026-11-24T12:00:00.5Z

std::string policy_of(const std::string& destination) {
    return R"({"format":1,"destinations":{"matomo":)" + destination + "}}";
}

/// What comes of an event by the policy, without what every request begins with.
std::string request(const std::string& destination, const std::string& fields) {
    const auto policy = std::make_shared<const Policy>(read_policy(policy_of(destination), std::nullopt));
    const Outbox outbox(
        "matomo", [policy] { return policy; }, nullptr);
    Queued event;
    event.id = "e1";
    event.consent = "not_needed";
    event.body = R"({"id":"e1","source":"gst://h/p/e",)" + fields + "}";
    const auto text = compile_for_matomo(outbox.clear(event).event.body, now - 60'000'000,
                                         policy->of_destination("matomo").mapping, now)
                          .request;
    return text.substr(text.find(',', text.find("\"cdt\":")));
}

} // namespace

TEST_CASE("options of the policy file") {
    struct Row {
        const char *destination, *fields, *request;
    };
    const Row rows[] = {
        {R"({"allow":"matomo"})", R"("type":"a.b")", R"(,"ca":1,"e_c":"a","e_a":"b"})"},
        {R"({"allow":"matomo","id-dimension":3})", R"("type":"a.b")",
         R"(,"ca":1,"e_c":"a","e_a":"b","dimension3":"e1"})"},
        {R"({"allow":"matomo","media-analytics":true})",
         R"("type":"a.play","action":{"kind":"media"},"media":{"id":"m","pos":3.9,"len":60,"w":16,"h":9})",
         R"(,"ca":1,"e_c":"media","e_a":"play","e_n":"m","e_v":3.9,"ma_mt":"video","ma_re":"m","ma_id":"m","ma_le":60,"ma_ps":3,"ma_w":16,"ma_h":9})"},
        // The stream knows where it is and what it is.
        {R"({"allow":["matomo","props.caps"],"media-analytics":true})",
         R"("type":"a.play","action":{"kind":"media"},"media":{"id":"m"},"running_time":12900000000,"props":{"caps":"video/x-raw, format=(string)NV12, width=(int)1920, height=(int)1080, framerate=(fraction)25/1"})",
         R"(,"ca":1,"e_c":"media","e_a":"play","e_n":"m","ma_mt":"video","ma_re":"m","ma_ps":12,"ma_w":1920,"ma_h":1080,"ma_id":"m"})"},
        {R"({"allow":["matomo","props.caps"],"media-analytics":true})",
         R"("type":"a.play","action":{"kind":"media"},"media":{"id":"m"},"props":{"caps":"audio/x-raw, rate=(int)48000"})",
         R"(,"ca":1,"e_c":"media","e_a":"play","e_n":"m","ma_mt":"audio","ma_re":"m","ma_id":"m"})"},
        {R"({"allow":["matomo","props.stack"],"crash-analytics":true})",
         R"("type":"a.b","action":{"kind":"crash","action":"SIGSEGV","name":"sink died"},"props":{"stack":"at f"})",
         R"(,"ca":1,"e_c":"crash","e_a":"SIGSEGV","e_n":"sink died","cra":"sink died","cra_tp":"SIGSEGV","cra_st":"at f"})"},
        {R"({"allow":["matomo","props.title","props.n"],"categories":[)"
         R"({"type":"vod.*","set":{"e_c":"films"},"fields":{"e_n":"props.title","e_v":"props.n","dimension4":"props.none"}}]})",
         R"("type":"vod.end","props":{"title":"Film","n":90})",
         R"(,"ca":1,"e_c":"vod","e_a":"end","e_c":"films","e_n":"Film","e_v":90})"},
        {R"({"allow":"all","categories":[{"type":"vod.end","fields":{"e_n":"props.list"}}]})",
         R"("type":"vod.end","props":{"list":[1]})", R"(,"ca":1,"e_c":"vod","e_a":"end"})"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.destination);
        CHECK(request(row.destination, row.fields) == row.request);
    }
    // A URL is not cut where a name is.
    const std::string url = "http://h/" + std::string(900, 'u');
    CHECK(has(request(R"({"allow":["matomo","props.u"],"categories":[{"type":"a.b","fields":{"url":"props.u"}}]})",
                      R"("type":"a.b","props":{"u":")" + url + "\"}"),
              "\"url\":\"" + url + "\""));
}

TEST_CASE("what cannot be an option, and where it stands") {
    struct Row {
        const char *destination, *path, *what;
    };
    const Row rows[] = {
        {R"({"id-dimension":1000})", "id-dimension", "0 to 999"},
        {R"({"site":0})", "site", "from 1"},
        {R"({"media-analytics":1})", "media-analytics", "true nor false"},
        {R"({"categories":{}})", "categories", "array"},
        {R"({"categories":[{"fields":{"e_n":"props.a"}}]})", "categories[0]", "no type"},
        {R"({"categories":[{"type":"a.b","fields":{"cid":"props.a"}}]})", "categories[0].fields.cid", "may be given"},
        {R"({"categories":[{"type":"a.b","set":{"token_auth":"x"}}]})", "categories[0].set.token_auth", "may be given"},
        {R"({"categories":[{"type":"a.b","set":{"e_c":" "}}]})", "categories[0].set.e_c", "blank"},
        {R"({"categories":[{"type":"a.b","fields":{"e_n":"props.*"}}]})", "categories[0].fields.e_n", "path"},
        {R"({"categories":[{"type":"a.b","other":1}]})", "categories[0].other", "not known"},
        {R"({"token":"0123"})", "token", "not known"}, // a secret has no place in this file
    };
    for (const Row& row : rows) {
        CAPTURE(row.destination);
        std::string path, what;
        try {
            read_policy(policy_of(row.destination), std::nullopt);
        } catch (const PolicyProblem& problem) {
            path = problem.path;
            what = problem.what;
        }
        CHECK(path == "destinations.matomo." + std::string(row.path));
        CAPTURE(what);
        CHECK(has(what, row.what));
    }
}

TEST_CASE("an option that sends what may not leave is refused, by file and by property") {
    const test::TempDir dir;
    PolicySource source;
    source.file = dir / "policy.json";
    const auto words = [&](const std::string& destination) {
        std::ofstream(source.file) << policy_of(destination);
        return test::error_of([&] { load_policy(source); });
    };
    CHECK(words(R"({"allow":"matomo","id-dimension":1})").empty());
    CHECK(has(words(R"({"allow":"purchase","id-dimension":1})"), "sends the field id, which its allow-list"));
    CHECK(words(R"({"allow":["purchase","id"],"id-dimension":1})").empty());
    CHECK(has(words(R"({"allow":"matomo","categories":[{"type":"a.b","fields":{"e_n":"props.title"}}]})"),
              "sends the field props.title"));
    CHECK(words(R"({"allow":["matomo","props.*"],"categories":[{"type":"a.b","fields":{"e_n":"props.title"}}]})")
              .empty());
    source.file.clear();
    source.id_dimension = 5;
    CHECK(load_policy(source)->of_destination("matomo").mapping.id_dimension == 5);
    CHECK(load_policy(source)->of_destination("matomo").allow.allows("action.name"));
    source.allow["matomo"] = "purchase";
    CHECK(has(test::error_of([&] { load_policy(source); }), "sends the field id"));
    source.allow["matomo"] = "purchase,id";
    CHECK(load_policy(source)->of_destination("matomo").allow.allows("order.revenue"));
}

TEST_CASE("the example of the document can be loaded when what it lacks is added") {
    std::ifstream in(ONAIR_MAPPING_MD);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const size_t from = text.find("```json\n"), to = text.find("\n```", from);
    REQUIRE(to != std::string::npos);
    std::string example = "{\"format\":1," + text.substr(from + 8, to - from - 8) + "}";
    const test::TempDir dir;
    PolicySource source;
    source.file = dir / "policy.json";
    std::ofstream(source.file) << example;
    CHECK(has(test::error_of([&] { load_policy(source); }), "sends the field props.channel"));
    example.insert(example.find("\"props.minutes\"]"), "\"props.channel\", ");
    std::ofstream(source.file) << example;
    CHECK(load_policy(source)->of_destination("matomo").mapping.categories.size() == 2);
}
