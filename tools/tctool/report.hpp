// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/timecode_file.hpp"

#include <string>
#include <vector>

namespace onair::tctool {

/// What `show` prints, and every other command about the file as it is afterwards. Fields: docs/tctool.md.
std::string text_report(const mov::TimecodeFile& file, const std::string& name, const std::vector<std::string>& done);
std::string json_report(const mov::TimecodeFile& file, const std::string& name, const std::vector<std::string>& done);

} // namespace onair::tctool
