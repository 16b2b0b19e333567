// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "edit.hpp"

#include <cstdint>
#include <string>

/// Writing of a plan.
///
/// In place, the bytes that will be overwritten are first saved beside the file, in FILE.tctool-undo:
///
/// | bytes | content (numbers big endian)                               |
/// |-------|------------------------------------------------------------|
/// | 8     | `tcundo 1`                                                 |
/// | 8     | size of the file before                                    |
/// | 4     | number of patches                                          |
/// | …     | each: offset (8), number of bytes (4), the bytes before    |
///
/// It is on the disk before the first byte of the file changes and goes when the last one is on the disk.
namespace onair::tctool {

std::string undo_path(const std::string& path);

/// Throws Error when an earlier change of `path` was cut off.
void check_no_undo(const std::string& path);

/// Throws Error(write); what was there is then brought back.
void change_in_place(const std::string& path, uint64_t size, const Plan& plan);

/// A new file with the changes. It has its name only when it is whole and on the disk. Throws Error; nothing is left.
void write_copy(const std::string& from, uint64_t size, const Plan& plan, const std::string& to);

/// Brings back what FILE.tctool-undo saved. Throws Error(not_found) when there is none.
void undo(const std::string& path);

} // namespace onair::tctool
