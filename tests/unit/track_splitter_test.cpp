// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/json_splitter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace onair::track;
using Mode = JsonSplitter::Mode;

namespace {

/// What came out, in order: texts as they are, refusals as "!reason".
std::vector<std::string> split(Mode mode, const std::string& stream, size_t chunk, bool finish = true) {
    std::vector<std::string> out;
    const auto refused = [&](Reason reason, std::string_view) {
        out.emplace_back("!");
        out.back() += to_text(reason);
    };
    JsonSplitter splitter(mode, {[&](std::string_view text) { out.emplace_back(text); }, refused});
    for (size_t at = 0; at < stream.size(); at += chunk)
        splitter.push(std::string_view(stream).substr(at, chunk));
    if (finish) splitter.finish();
    return out;
}

struct Case {
    Mode mode;
    std::string stream;
    std::vector<std::string> out;
};

const std::string a = R"({"type":"a.a"})", b = R"({"type":"b.b","s":"}{\"\\"})", c = R"({"x":[1,{"y":[]}],"z":null})";
const std::string pretty =
    "{\n  \"type\": \"a.b\",\n  \"props\": {\n    \"list\": [\n      {\n \"k\": -1.5e3 }\n ]\n  }\n}";
const std::string long_text = "{\"type\":\"a.a\",\"s\":\"" + std::string(70000, 'x') + "\"}";
const std::string just_fits = "{\"s\":\"" + std::string(65536 - 8, 'x') + "\"}";

const Case cases[] = {
    {Mode::lines, a + "\n" + b + "\r\n\n  \n" + c + "\n", {a, b, c}},
    {Mode::lines, a + "\n" + b, {a, b}}, // the last line lacks its newline
    {Mode::lines, "\xEF\xBB\xBF" + a + "\n\x1e" + b + "\n", {a, b}},
    {Mode::lines, a + "\nnot json\n" + b + "\n", {a, "not json", b}}, // the parser's to refuse
    {Mode::lines, a + "\n" + long_text + "\n" + b + "\n", {a, "!too-long", b}},
    {Mode::lines, a + "\n" + long_text, {a, "!too-long"}},
    {Mode::lines, just_fits + "\n" + just_fits + " \n" + a, {just_fits, "!too-long", a}},
    {Mode::lines, "", {}},
    {Mode::lines, "\n\n", {}},

    {Mode::objects, a + "\n" + b + "\n" + c, {a, b, c}},
    {Mode::objects, a + b + c, {a, b, c}},
    {Mode::objects, " \t\r\n" + pretty + "\n" + pretty + a, {pretty, pretty, a}},
    {Mode::objects, "\xEF\xBB\xBF" + a + "\x1e" + b, {a, b}},
    // What is broken costs itself only.
    {Mode::objects, a + "\ngarbage\n" + b + "\n", {a, "!json", b}},
    {Mode::objects, a + "\n{\"type\":\"x.y\n" + b + "\n", {a, "!json", b}},          // a string is not closed
    {Mode::objects, a + "\n{\"type\":\"x.y\"\n" + b + "\n" + c, {a, "!json", b, c}}, // the brace is missing
    {Mode::objects, a + "\n{\"type\":,\"x.y\"}\n" + b + "\n", {a, "!json", b}},
    {Mode::objects, a + "\n{\"type\":\"x.y\"]\n" + b + "\n", {a, "!json", b}},
    {Mode::objects, a + "\n{\"l\":[1,2\n" + b + "\n" + c, {a, "!json", b, c}},
    {Mode::objects, a + "\n{\"l\"\n" + b + "\n" + c, {a, "!json", b, c}},
    {Mode::objects, "{\n{\n{\n" + a, {"!json", "!json", "!json", a}},
    {Mode::objects, "[" + a + ",\n" + b + "]", {"!json", b, "!json"}},
    {Mode::objects, a + "{\"type\":\"cut", {a, "!json"}},
    {Mode::objects, "{\"type\":\"cut\",\n\"l\":[\n" + a, {"!json", a}}, // the end shows it
    {Mode::objects, a + "\n" + long_text + "\n" + b, {a, "!too-long", b}},
    {Mode::objects, a + long_text + b, {a, "!too-long", b}}, // its end is followed even so
    {Mode::objects, long_text.substr(0, 66000) + "\n" + b + c, {"!too-long", b, c}},
    {Mode::objects, just_fits + a, {just_fits, a}},
    {Mode::objects, "{\"a\":" + std::string(40, '[') + "\n" + a, {"!json", a}},
    {Mode::objects, "", {}},
};

} // namespace

TEST_CASE("texts come out the same whatever the chunk borders") {
    for (const Case& row : cases) {
        CAPTURE(row.stream.substr(0, 200));
        for (const size_t chunk : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{4096}, size_t{1} << 20}) {
            if (row.stream.size() > 10000 && chunk < 7) continue;
            CAPTURE(chunk);
            CHECK(split(row.mode, row.stream, chunk) == row.out);
        }
    }
}

TEST_CASE("nothing unfinished comes out before the end, nor after a flush") {
    for (const Mode mode : {Mode::lines, Mode::objects}) {
        CHECK(split(mode, a.substr(0, 5), 100, false).empty());
        std::vector<std::string> out;
        JsonSplitter splitter(mode, {[&](std::string_view text) { out.emplace_back(text); },
                                     [&](Reason, std::string_view) { out.push_back("!"); }});
        splitter.push(a.substr(0, 5));
        splitter.reset();
        splitter.push(b + "\n");
        splitter.finish();
        CHECK(out == std::vector{b});
    }
}

TEST_CASE("hostile nesting is linear, not quadratic or recursive") {
    std::string stream;
    for (int i = 0; i < 20000; ++i)
        stream += "{\"a\":[\n";
    const auto out = split(Mode::objects, stream + a, 4096);
    CHECK(out.back() == a);
    CHECK(split(Mode::objects, std::string(200000, '{') + "\n" + a, 4096).back() == a);
}

TEST_CASE("a batch: arrays of objects, however they are cut") {
    for (const size_t chunk : {size_t{1}, size_t{3}, size_t{4096}}) {
        CAPTURE(chunk);
        CHECK(split(Mode::batch, "[" + a + ",\n" + b + "]", chunk) == std::vector{a, b});
        CHECK(split(Mode::batch, "[]\n[" + a + "][" + b + "]", chunk) == std::vector{a, b});
        CHECK(split(Mode::batch, a + b, chunk) == std::vector{a, b});
        CHECK(split(Mode::batch, "", chunk).empty());
    }
    CHECK(split(Mode::objects, "[" + a + "]", 4096) != std::vector{a}); // only where it was asked for
}
