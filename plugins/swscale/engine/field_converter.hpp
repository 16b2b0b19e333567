// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/converter.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace onair::sws {

/// Frames of two fields: each field is a picture of its own, which are every other rows of the frame. Formats whose
/// rows cannot be taken apart (tiles, palettes) go through a planar frame before or behind.
class FieldConverter {
  public:
    /// Throws Error when the request cannot be met.
    explicit FieldConverter(const Request& request);

    void convert(const FrameView& src, const FrameView& dst, Executor& executor);
    std::vector<Converter::Running> stages() const;
    void count_bounced(std::vector<Converter::Running>& stages) const;

  private:
    struct Whole { ///< of a frame whose rows cannot be taken apart
        std::unique_ptr<Converter> converter;
        std::unique_ptr<ScratchFrame> planar;
    };
    std::vector<const Converter*> parts() const;

    Whole before_, behind_; ///< empty where the rows can be taken apart
    std::array<std::unique_ptr<Converter>, 2> field_;
};

/// The rows of one field.
FrameView field_of(const FrameView& frame, Field field);
/// What one field's converter is asked for.
Request field_request(const Request& frame, Field field);
/// Rows of a frame that its fields share evenly: heights and places are multiples of it.
inline int field_unit(const Format& format) { return 2 << format.log2_chroma_h; }
/// False when a field would not have whole chroma rows.
bool has_whole_fields(const Format& format, int y, int height);

} // namespace onair::sws
