// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "edit.hpp"
#include "engine/box_reader.hpp"
#include "engine/box_writer.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace onair::tctool {

/// A movie box that is being changed: bytes in place, and boxes that are taken away, replaced or added.
class MovieEdit {
  public:
    explicit MovieEdit(const mov::TimecodeFile& file);

    /// Bytes at a place of the file, inside the movie box.
    void patch(uint64_t offset, std::span<const uint8_t> bytes);

    /// Each timecode track gets a reference from a video track; one that stands on another track is moved.
    void repair_references(std::vector<std::string>& done);
    /// The timecode track lasts as long as the video that refers to it (or the first one).
    void repair_duration(const mov::FileTrack& track, std::vector<std::string>& done);

    /// Adds the patches of the movie box: where it is, into a box `free` behind it, at the end of the file.
    void place(Plan& plan, uint64_t size, bool growing) const;

  private:
    const mov::Box& trak(uint32_t id) const;
    void patch_sized(const mov::Box& box, size_t at, bool wide, uint64_t value);
    bool within(const mov::Box& box) const;
    void emit(mov::BoxWriter& w, const mov::Box& box) const;
    std::vector<uint8_t> built() const;
    uint64_t video_end(uint32_t timecode_id) const;
    void set_last_sample(const mov::Box& stbl, uint64_t ticks);

    const mov::TimecodeFile& file_;
    std::vector<uint8_t> bytes_;
    std::vector<mov::Box> boxes_;                              ///< of bytes_
    std::map<const mov::Box*, std::vector<uint8_t>> replaced_; ///< by these bytes, which may be none
    std::map<const mov::Box*, std::vector<uint8_t>> added_;    ///< behind the last child
};

} // namespace onair::tctool
