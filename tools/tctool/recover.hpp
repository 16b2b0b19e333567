// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <string>
#include <vector>

namespace onair::tctool {

struct Recovered {
    std::string path; ///< of the movie
    std::vector<std::string> done;
};

/// Makes a plain movie of a recording that was cut off. `to`: the new file; empty: in place. Throws Error; the original
/// is then as it was, or (in place) still a movie in fragments with more bytes behind it.
Recovered recover(const std::string& path, const std::string& to);

/// FILE-recovered.EXTENSION
std::string recovered_path(const std::string& path);

} // namespace onair::tctool
