// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recover.hpp"

#include "engine/box_writer.hpp"
#include "engine/file_bytes.hpp"
#include "engine/fragment_reader.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "file_output.hpp"
#include "messages.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <utility>

namespace onair::tctool {

using namespace onair::mov;

namespace {

/// As mode=hybrid leaves it (reserve.hpp). Samples stay where they are, or 16 bytes further back where there is no
/// reserve.
void write_movie(const FileOutput& out, const FileBytes& in, const FragmentedMovie& movie) {
    const uint64_t type = movie.file_type_size, first = type + (movie.reserve ? reserve_size : 0);
    const uint64_t shift = type + reserve_size - first;
    out.copy(in, 0, type, 0);
    out.copy(in, first, movie.end - first, first + shift);
    for (const EndWrite& write : end_writes(type, movie.end + shift, {}, plain_movie_box(movie, shift)))
        out.write(write.position, write.bytes);
}

/// The end of a hybrid recording (reserve.hpp), but everything of it is synced: a second try must find what the first
/// one left. What the file ends in the middle of goes first: its box would swallow what comes behind it.
void finish_in_place(const std::string& path, const FragmentedMovie& movie, uint64_t size) {
    const FileOutput out(path, O_WRONLY);
    const auto write = [&](uint64_t position, const std::vector<uint8_t>& bytes) {
        out.write(position, bytes);
        out.sync();
    };
    for (const Trim& trim : movie.trims)
        write(trim.position, trim.bytes);
    if (movie.torn) {
        out.resize(movie.end);
        out.sync();
    }
    const uint64_t end = movie.torn ? movie.end : size;
    for (const EndWrite& last : end_writes(*movie.reserve, end, {}, plain_movie_box(movie, 0)))
        write(last.position, last.bytes);
}

std::string told(const FragmentedMovie& movie) {
    double seconds = 0;
    for (const RecoveredTrack& track : movie.tracks)
        seconds = std::max(seconds, static_cast<double>(track.presented_end - track.presented_start) / track.timescale);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", seconds);
    return std::string(text.data()) + " s of " + std::to_string(movie.tracks.size()) + " tracks recovered, " +
           std::to_string(movie.fragments) + " fragments; " + std::to_string(movie.samples_lost) +
           " samples of the last one were cut off";
}

} // namespace

std::string recovered_path(const std::string& path) {
    const std::filesystem::path name(path);
    return (name.parent_path() / (name.stem().string() + "-recovered" + name.extension().string())).string();
}

Recovered recover(const std::string& path, const std::string& to) {
    const FileBytes in(path);
    const FragmentedMovie movie = read_fragments(in.size(), in.reader());
    if (!movie.fragmented) return {path, {"nothing: the movie is whole, it is not in fragments"}};
    const bool any = std::any_of(movie.tracks.begin(), movie.tracks.end(),
                                 [](const RecoveredTrack& t) { return !t.index.empty() && t.handler != "tmcd"; });
    if (!any) throw error(Msg::nothing_to_recover, {});
    if (!to.empty()) {
        write_new_file(to, path, [&](const FileOutput& out) { write_movie(out, in, movie); });
        return {to, {told(movie)}};
    }
    if (!movie.reserve) throw error(Msg::no_reserve, {});
    finish_in_place(path, movie, in.size());
    return {path, {told(movie)}};
}

} // namespace onair::tctool
