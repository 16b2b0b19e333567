// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/base/messages.hpp"

/// Every error text of tcmovmux. Values: see the comment before each row.
namespace onair::mov {

enum class Msg {
    caps_refused,
    caps_changed,
    no_caps,
    frame_size,
    no_frame_rate,
    timecode_missing,
    meta_missing,
    meta_rate,
    timecode_rate,
    timecode_late,
    timecode_needs_video,
    not_seekable,
    no_data,
    pad_without_data,
    not_time,
    no_pts,
    backwards,
    audio_overlap,
    late_pad,
    unreadable,
    file_not_open,
    file_no_movie,
    no_movie_to_recover,
    file_timecode_wrong,
    file_no_timecode,
    file_no_such_track,
    stamp_no_location,
    stamp_not_counted,
    library_refused,
    packet_too_large,
    too_many_samples,
    meta_never,
    temporary_file,
    pad_left_out,
    annex_b,
    bad_language,
    no_fragment_duration,
    timecode_too_late,
    timecode_format,
    timecode_too_late_hybrid,
    timecode_format_hybrid,
    index_too_large,
    index_too_long,
    not_boxes,
    too_many_boxes,
    file_unreadable,
};

inline constexpr MessageRow<Msg> messages[] = {
    // {0} pad, {1} caps, {2} reason
    {Msg::caps_refused, ErrorKind::negotiation,
     "What arrives at {0} cannot be written to a QuickTime movie: {2}. The caps are: {1}."},
    // {0} pad, {1} old caps, {2} new caps
    {Msg::caps_changed, ErrorKind::negotiation,
     "The caps of {0} changed while the movie is written, and a track has one description. They were: {1}. They are "
     "now: {2}. Start a new file for them, or convert before the encoder."},
    // {0} pad
    {Msg::no_caps, ErrorKind::negotiation, "Data arrived at {0} before any caps. Set the caps of the source."},
    // {0} pad, {1} bytes there, {2} bytes expected
    {Msg::frame_size, ErrorKind::format,
     "A buffer of {0} holds {1} bytes where the caps need {2}, or its rows are padded. The caps and the data do not "
     "belong together: let the element that makes the data announce its format."},
    // {0} pad
    {Msg::no_frame_rate, ErrorKind::timing,
     "There is a timecode to write, but the caps of {0} have no fixed frame rate to count it at. Put videorate and a "
     "framerate caps filter before the encoder, or set timecode-source=none."},
    {Msg::timecode_missing, ErrorKind::settings,
     "timecode-source=property, but the property timecode is not set. Set it, for example timecode=01:00:00:00."},
    // {0} pad
    {Msg::meta_missing, ErrorKind::timing,
     "timecode-source=meta, but the first picture of {0} carries no timecode. Put timecodestamper before the encoder, "
     "or set timecode-source=auto."},
    // {0} pad, {1} rate of the timecode, {2} rate of the pictures
    {Msg::meta_rate, ErrorKind::timing,
     "The timecode that arrives at {0} counts {1} frames a second, the pictures come at {2}. Stamp the timecode behind "
     "videorate, or set the property timecode."},
    // {0} pad, {1} reason
    {Msg::timecode_rate, ErrorKind::timing, "No timecode can be written for {0}. {1}"},
    // {0} pad, {1} timecode, {2} milliseconds
    {Msg::timecode_late, ErrorKind::timing,
     "The first timecode of {0}, {1}, comes {2} ms after the first picture. Stamp from the first picture on, or set "
     "first-timecode=extrapolate (it is counted back) or gap (the timecode begins later)."},
    {Msg::timecode_needs_video, ErrorKind::settings,
     "A timecode was asked for, but there is no video pad that it could count. Request video_%u, or set "
     "timecode-source=none."},
    // {0} mode
    {Msg::not_seekable, ErrorKind::seek,
     "The output cannot be seeked, and {0} mode needs a seekable output: sizes are filled in at the end. Write "
     "to a file with filesink, or set mode=fragmented or faststart for pipes and sockets."},
    {Msg::no_data, ErrorKind::format,
     "The stream ended before any data arrived at {0}; no movie was written and the file is empty."},
    // {0} pad
    {Msg::pad_without_data, ErrorKind::format,
     "The stream of {0} ended before any data arrived there, and its track is missing from the movie. Find out why "
     "there is none, or do not request the pad."},
    // {0} pad, {1} format
    {Msg::not_time, ErrorKind::timing,
     "The segment of {0} is in {1}, and a movie needs times. Set format=time on the source (appsrc), or put a parser "
     "before the muxer."},
    // {0} pad
    {Msg::no_pts, ErrorKind::timing,
     "A buffer of {0} has no timestamp (PTS), so its place in the movie is unknown. Use a source that stamps its "
     "buffers (appsrc: do-timestamp, or set GST_BUFFER_PTS) and a parser before the muxer."},
    // {0} pad, {1} time, {2} time of the buffer before
    {Msg::backwards, ErrorKind::timing,
     "The decoding time of a buffer of {0} ({1}) does not lie behind that of the buffer before it ({2}). For H.264 and "
     "HEVC put h264parse or h265parse before the muxer; otherwise the source stamps its buffers wrongly."},
    // {0} pad, {1} milliseconds
    {Msg::audio_overlap, ErrorKind::timing,
     "Sound at {0} arrives {1} ms earlier than the samples before it end; it is appended, so it plays late. Put "
     "audiorate before the muxer. (Said once.)"},
    // {0} pad
    {Msg::late_pad, ErrorKind::settings,
     "{0} was requested while the movie is already being written; a track cannot be added any more. Request all pads "
     "before the pipeline plays."},
    // {0} pad
    {Msg::unreadable, ErrorKind::read, "A buffer of {0} cannot be mapped into memory."},
    // {0} file, {1} reason
    {Msg::file_not_open, ErrorKind::not_found, "The file {0} cannot be opened: {1}."},
    // {0} boxes that are there
    {Msg::no_movie_to_recover, ErrorKind::format,
     "The file has no movie box (moov), which says what the media in it are, so nothing can be made of it: it holds "
     "{0}. "
     "A recording that is to survive a crash needs fragments: tcmovmux mode=hybrid or fragmented."},
    // {0} reason
    {Msg::file_no_movie, ErrorKind::format,
     "This is not a QuickTime or MP4 file that can be read: {0}. If its recording was cut off, `tctool "
     "recover` makes a movie of what is there."},
    // {0} track id, {1} what
    {Msg::file_timecode_wrong, ErrorKind::format,
     "The timecode track {0} contradicts itself: {1}. It is left as it is."},
    // {0} file
    {Msg::file_no_timecode, ErrorKind::not_found,
     "The file {0} has no timecode track. Set require=false to pass the buffers on without timecode."},
    // {0} file, {1} number asked for, {2} number there
    {Msg::file_no_such_track, ErrorKind::settings,
     "Timecode track {1} of {0} was asked for, and there are {2}. Set track to a smaller number, or to -1."},
    {Msg::stamp_no_location, ErrorKind::settings,
     "No file is set whose timecode to take. Set location to the movie that is played."},
    // {0} file, {1} reason
    {Msg::stamp_not_counted, ErrorKind::timing, "The timecode of {0} cannot be put on these pictures: {1}"},
    // {0} what
    {Msg::library_refused, ErrorKind::library, "libavformat refused to write {0}."},
    // {0} pad, {1} bytes
    {Msg::packet_too_large, ErrorKind::format, "A buffer of {0} holds {1} bytes; a sample has less than 4 GiB."},
    // {0} pad
    {Msg::too_many_samples, ErrorKind::format,
     "{0} has more samples than the tables of a movie can count (4294967295: PCM at 48 kHz reaches that after 24.8 "
     "hours). The movie ends here and is whole; use mode=hybrid or fragmented for longer ones, or start a new file."},
    // {0} pad
    {Msg::meta_never, ErrorKind::timing,
     "timecode-source=meta, but no picture of {0} carried a timecode. The movie is whole, without a timecode track. "
     "Put "
     "timecodestamper before the encoder, or set timecode-source=auto."},
    // {0} path, {1} reason
    {Msg::temporary_file, ErrorKind::write,
     "The temporary file {0}, which holds the media of a faststart movie until its end, cannot be used: {1}. Set "
     "faststart-file to a place with room for the whole movie, or use another mode."},
    // {0} pad
    {Msg::pad_left_out, ErrorKind::negotiation,
     "Nothing came at {0} in time, and the movie begins without it; what arrives there later is dropped. Find out why "
     "its branch is late, or send GAP events."},
    // {0} pad
    {Msg::annex_b, ErrorKind::format,
     "The NAL units of {0} begin with start codes (Annex B), but its caps promise lengths before them. Put h264parse "
     "or "
     "h265parse before the muxer."},
    // {0} language
    {Msg::bad_language, ErrorKind::settings,
     "\"{0}\" is no language: three small letters of ISO 639-2 are needed, for example language=eng."},
    {Msg::no_fragment_duration, ErrorKind::settings,
     "mode=fragmented and mode=hybrid need a fragment-duration above 0, for example fragment-duration=1000."},
    // {0} pad
    {Msg::timecode_too_late, ErrorKind::timing,
     "The timecode of {0} came after the movie box was written, which says that there is none; it is not in the movie. "
     "Stamp from the first picture on, or set timecode-wait or force-timecode. (Said once.)"},
    // {0} pad
    {Msg::timecode_format, ErrorKind::timing,
     "The timecode of {0} changed its rate or drop-frame flag, which a fragmented movie cannot tell any more; it "
     "counts "
     "on in the old way. Use mode=hybrid or plain. (Said once.)"},
    // {0} pad
    {Msg::timecode_too_late_hybrid, ErrorKind::timing,
     "The timecode of {0} came after the recording began, whose boxes in front say that there is none. It is in the "
     "movie when that ends as it should, but not in a file that is cut off. Stamp from the first picture on, or set "
     "timecode-wait or force-timecode. (Said once.)"},
    // {0} pad
    {Msg::timecode_format_hybrid, ErrorKind::timing,
     "The timecode of {0} changed its rate or drop-frame flag, which the boxes in front of the recording cannot tell "
     "any more. It is in the movie when that ends as it should; a file that is cut off counts on in the old way. "
     "Start a new file for another rate. (Said once.)"},
    // {0} bytes, {1} limit
    {Msg::index_too_large, ErrorKind::resource,
     "The index of the movie takes {0} bytes of memory, more than max-index-bytes={1} allows, and is dropped. The "
     "recording goes on, and the file stays a movie of fragments at its end, which players read; `tctool "
     "recover` makes it a plain one. "
     "Set max-index-bytes higher, or start a new file earlier."},
    // {0} pad
    {Msg::index_too_long, ErrorKind::resource,
     "{0} has more samples than the tables of a movie can count (4294967295: PCM at 48 kHz reaches that after 24.8 "
     "hours), and the index is dropped. The recording goes on, and the file stays a movie of fragments at its end. "
     "Start a new file earlier."},
    // {0} box, {1} offset, {2} reason
    {Msg::not_boxes, ErrorKind::format,
     "This is not a whole QuickTime or MP4 file: the box \"{0}\" at byte {1} cannot be read, {2}."},
    // {0} what, {1} limit
    {Msg::too_many_boxes, ErrorKind::resource,
     "The movie's boxes are too many or too large ({0}, the limit is {1}); the file is damaged or made to do harm."},
    // {0} offset
    {Msg::file_unreadable, ErrorKind::read, "The file cannot be read at byte {0}."},
};

inline Error error(Msg id, std::initializer_list<std::string_view> args, std::string detail = {}) {
    return make_error(messages, id, args, std::move(detail));
}

} // namespace onair::mov
