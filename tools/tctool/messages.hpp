// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/messages.hpp"

/// Every error text of tctool. Values: see the comment before each row.
namespace onair::tctool {

enum class Msg {
    no_timecode,
    no_such_track,
    not_counted,
    flag_differs,
    no_drop_frame,
    no_negative,
    negative_number,
    no_room,
    not_understood,
    output_exists,
    cannot_write,
    write_failed,
    undo_there,
    undo_none,
    undo_wrong,
    undone,
    nothing_to_recover,
    no_reserve,
};

inline constexpr MessageRow<Msg> messages[] = {
    {Msg::no_timecode, ErrorKind::not_found, "The file has no timecode track."},
    // {0} id
    {Msg::no_such_track, ErrorKind::settings,
     "The file has no timecode track with the id {0}; tctool show lists them."},
    // {0} id
    {Msg::not_counted, ErrorKind::format, "The timecode track {0} counts no time, so it cannot be changed."},
    // {0} timecode, {1} id, {2} "drop frame" or "non-drop frame", {3} on or off
    {Msg::flag_differs, ErrorKind::settings,
     "The timecode {0} does not go with track {1}, which is {2}. Write the other separator before the frames, or "
     "change "
     "the track with --drop-frame {3}."},
    // {0} numbers a second
    {Msg::no_drop_frame, ErrorKind::settings,
     "There is no drop frame at {0} numbers a second, only at 30, 60 and 120 of the 1000/1001 rates."},
    {Msg::no_negative, ErrorKind::settings, "A track with several samples cannot begin below 0."},
    // {0} id
    {Msg::negative_number, ErrorKind::format,
     "The timecode track {0} would count below 0 in a sample that follows another."},
    // {0} bytes
    {Msg::no_room, ErrorKind::no_space,
     "The movie box would grow by {0} bytes, and behind it there is no room for that. Use -o COPY."},
    // {0} reason
    {Msg::not_understood, ErrorKind::internal,
     "The changed file would not read as it should ({0}), so nothing was written."},
    // {0} file
    {Msg::output_exists, ErrorKind::open_write, "{0} is there already; tctool overwrites no file."},
    // {0} file, {1} reason
    {Msg::cannot_write, ErrorKind::open_write, "{0} cannot be opened for writing: {1}."},
    // {0} file, {1} reason
    {Msg::write_failed, ErrorKind::write, "Writing {0} failed: {1}."},
    // {0} file
    {Msg::undo_there, ErrorKind::open_write,
     "A change of {0} was cut off. Bring back what was there with: tctool undo FILE."},
    // {0} file
    {Msg::undo_none, ErrorKind::not_found, "There is nothing to undo: {0} is not there."},
    // {0} file
    {Msg::undo_wrong, ErrorKind::format, "{0} does not belong to this file, or is damaged. Nothing was written."},
    // {0} file, {1} reason
    {Msg::undone, ErrorKind::write, "{0} was not changed: {1} What was there before was brought back."},
    {Msg::nothing_to_recover, ErrorKind::format,
     "No picture and no sound is whole in the file: there is nothing to recover."},
    {Msg::no_reserve, ErrorKind::format,
     "The file has no 16 bytes behind its type that could become a header (tcmovmux mode=hybrid leaves them), so it "
     "cannot be made whole in place. Use -o COPY."},
};

inline Error error(Msg id, std::initializer_list<std::string_view> args, std::string detail = {}) {
    return make_error(messages, id, args, std::move(detail));
}

} // namespace onair::tctool
