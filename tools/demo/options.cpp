// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <getopt.h>
#include <string_view>

namespace onair::demo {

namespace {

constexpr const char* usage =
    "onair-demo --output DIR [--input FILE] [--timecode HH:MM:SS:FF] [--size WxH] [--seconds N]\n";

/// All of `text` is a number from 1 to `limit`.
bool read_number(std::string_view text, int limit, int& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= limit;
}

bool read_size(std::string_view text, Options& options) {
    const auto cross = text.find('x');
    return cross != std::string_view::npos && read_number(text.substr(0, cross), 32767, options.width) &&
           read_number(text.substr(cross + 1), 32767, options.height);
}

} // namespace

std::optional<Options> read_options(int argc, char** argv) {
    const option names[] = {{"input", required_argument, nullptr, 'i'},    {"output", required_argument, nullptr, 'o'},
                            {"timecode", required_argument, nullptr, 't'}, {"size", required_argument, nullptr, 's'},
                            {"seconds", required_argument, nullptr, 'n'},  {}};
    Options options;
    bool right = true;
    for (int c; (c = getopt_long(argc, argv, "", names, nullptr)) != -1;) {
        if (c == 'i')
            options.input = optarg;
        else if (c == 'o')
            options.output = optarg;
        else if (c == 't')
            options.timecode = optarg;
        else if (c == 's')
            right = right && read_size(optarg, options);
        else if (c == 'n')
            right = right && read_number(optarg, 86400, options.seconds);
        else
            right = false;
    }
    if (right && optind == argc && !options.output.empty()) return options;
    std::fputs(usage, stderr);
    return std::nullopt;
}

} // namespace onair::demo
