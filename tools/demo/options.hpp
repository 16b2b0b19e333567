// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <optional>
#include <string>

namespace onair::demo {

/// What the user asked for on the command line.
struct Options {
    std::string input;    ///< a file; empty: a generated source
    std::string output;   ///< the directory of out.mov and events.db; it exists
    std::string timecode; ///< of the first frame; empty: the input's own, else 01:00:00:00
    int width = 1920;     ///< of the movie
    int height = 1080;
    int seconds = 10; ///< of a generated source
};

/// Reads the command line. Empty after having said on stderr what is wrong with it.
std::optional<Options> read_options(int argc, char** argv);

} // namespace onair::demo
