// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/messages.hpp"

/// Every error text of swsconvertscale. Values: see the column behind each row.
namespace onair::sws {

enum class Msg {
    geometry_mismatch,
    frame_too_small,
    frame_too_large,
    bad_layout,
    unmappable,
    unusable_caps,
    impossible_size,
    unknown_format,
    interlaced,
    interlaced_turn,
    bad_crop,
    crop_too_large,
    library_refused,
    rows_missing,
    colour_not_converted,
};

inline constexpr MessageRow<Msg> messages[] = {
    // {0} size in caps, {1} format in caps, {2} size in the buffer, {3} format in the buffer
    {Msg::geometry_mismatch, ErrorKind::format,
     "The caps say {0} {1} but the buffer holds a frame of {2} {3}. The caps were changed without the frames "
     "(capssetter, "
     "an application): let the element that makes the frames announce their size."},
    // {0} size in caps, {1} format, {2} bytes needed, {3} bytes there
    {Msg::frame_too_small, ErrorKind::format,
     "The caps say {0} {1}, which needs {2} bytes, but the buffer holds {3}. The caps and the frames do not belong "
     "together: let the element that makes the frames announce their size."},
    // as above
    {Msg::frame_too_large, ErrorKind::format,
     "The caps say {0} {1}, which needs {2} bytes, but the buffer holds {3}, more than twice as many, and has no "
     "GstVideoMeta to explain it. The caps and the frames do not belong together: let the element that makes the "
     "frames "
     "announce their size."},
    // {0} size, {1} format, {2} plane, {3} stride, {4} bytes of a row, {5} rows, {6} bytes there
    {Msg::bad_layout, ErrorKind::format,
     "The frame of {0} {1} does not hold its picture: plane {2} has a stride of {3} bytes for {5} rows of {4} bytes, "
     "in "
     "{6} bytes of memory. Strides must be positive and every row must lie in the memory (GstVideoMeta of the element "
     "that makes the frames)."},
    // {0} size, {1} format
    {Msg::unmappable, ErrorKind::read, "The frame of {0} {1} cannot be mapped into memory."},
    // {0} caps
    {Msg::unusable_caps, ErrorKind::negotiation,
     "These caps cannot be used for raw video: {0}. The frame may be too large, or the interlace mode lacks its caps "
     "feature (format:Interlaced)."},
    // {0} source, {1} destination
    {Msg::impossible_size, ErrorKind::negotiation,
     "libswscale cannot scale {0} to {1}. Choose a size in between, or scale in two steps."},
    // {0} format
    {Msg::unknown_format, ErrorKind::negotiation,
     "libswscale cannot convert the format {0}, and engine=swscale asks for it alone. engine=auto converts every "
     "format."},
    // {0} source, {1} destination, {2} and {3} rows that their heights must be multiples of
    {Msg::interlaced, ErrorKind::negotiation,
     "Interlaced video cannot be converted from {0} to {1}: each field needs whole chroma rows of its own, so the "
     "height must be a multiple of {2} rows before and of {3} after, borders above and below as well (and "
     "interlace-mode=fields is not taken apart). Choose another height, or deinterlace first."},
    // {0} source
    {Msg::interlaced_turn, ErrorKind::negotiation,
     "Interlaced video of {0} cannot be turned or mirrored upside down: rows of one field would become the other's. "
     "Deinterlace first, or set video-direction to identity or horiz."},
    // {0} crop, {1} frame
    {Msg::bad_crop, ErrorKind::format,
     "The GstVideoCropMeta of the buffer asks for {0}, which does not lie in its frame of {1}. The element that adds "
     "the meta is at fault."},
    // {0} left, {1} top, {2} right, {3} bottom, {4} picture
    {Msg::crop_too_large, ErrorKind::format,
     "crop-left={0} crop-top={1} crop-right={2} crop-bottom={3} leave nothing of a picture of {4}; it is not cropped. "
     "Set smaller crops."},
    // {0} source, {1} destination
    {Msg::library_refused, ErrorKind::library, "libswscale failed to convert {0} to {1}."},
    // {0} rows written, {1} rows expected, {2} source, {3} destination
    {Msg::rows_missing, ErrorKind::library,
     "libswscale wrote {0} of {1} rows while converting {2} to {3}; the frame is dropped."},
    // {0} source colorimetry, {1} destination colorimetry
    {Msg::colour_not_converted, ErrorKind::negotiation,
     "The caps ask for another transfer function or other primaries ({0} to {1}); with engine=swscale the matrix and "
     "the "
     "range alone are converted, so the colours will be shown differently. engine=auto converts them."},
};

inline Error error(Msg id, std::initializer_list<std::string_view> args, std::string detail = {}) {
    return make_error(messages, id, args, std::move(detail));
}

} // namespace onair::sws
