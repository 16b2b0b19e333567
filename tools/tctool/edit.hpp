// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/timecode_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Changes of a file's timecode, planned and checked before a byte is written.
namespace onair::tctool {

enum class Command { show, set, shift, repair, undo, recover };

struct Request {
    Command command = Command::show;
    std::string argument;           ///< set: the start; shift: ±N or ±HH:MM:SS:FF
    std::optional<bool> drop_frame; ///< set, repair: what the flag is to be
    std::optional<uint32_t> track;  ///< id; nothing: every timecode track
};

/// Bytes at a place, before and after; `before` is shorter where the file ends.
struct Patch {
    uint64_t offset = 0;
    std::vector<uint8_t> before, after;
};

struct Plan {
    std::vector<Patch> patches;    ///< none: there is nothing to change
    uint64_t size = 0;             ///< of the file afterwards
    std::vector<std::string> done; ///< what changes, in words
};

/// What to write. `growing`: a movie box that gets larger may be put at the end of the file (a copy). The result was
/// read as the changed file would be. Throws Error for what cannot be done; nothing is written in any case.
Plan plan(const mov::TimecodeFile& file, uint64_t size, const mov::ReadAt& read, const Request& request, bool growing);

/// The file as it will be.
mov::ReadAt patched(const mov::ReadAt& read, uint64_t size, const Plan& plan);

} // namespace onair::tctool
