// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/codec_tiled.hpp"
#include "engine/format.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace onair::sws {

/// What the engine cannot know of memory that GStreamer lays out.
struct MemoryRules {
    const Tiling* tiling = nullptr; ///< of a tiled format
    /// Bytes that a row has at most; GStreamer 1.22 makes those of UYVP too short at odd widths. Without it: enough.
    std::function<int(int width)> row_limit;
};

/// The format of GStreamer's name, from the engine's own table; null when it is not there (the glue then has another
/// way). Tiled ones need to be told how their tiles lie; without that they are null as well.
FormatPtr make_format(std::string_view name, const MemoryRules& rules = {});

/// How its rows are read and written, for lists: "words", "stream", "tiled words", "tiled stream"; "" when it is not in
/// the table.
std::string_view way_of(std::string_view name);

/// All names in the table, tiled ones included.
std::vector<std::string_view> known_formats();

} // namespace onair::sws
