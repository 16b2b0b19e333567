// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
/// tctool: shows, sets, shifts and repairs the timecode of movie files. docs/tctool.md.
#include "common/base/error.hpp"
#include "edit.hpp"
#include "engine/file_bytes.hpp"
#include "file_change.hpp"
#include "recover.hpp"
#include "report.hpp"

#include <charconv>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace onair;
using namespace onair::tctool;

namespace {

constexpr const char* usage = "tctool show   FILE [--json]\n"
                              "tctool set    FILE HH:MM:SS:FF [--drop-frame on|off] [--track ID] [-o COPY] [--json]\n"
                              "tctool shift  FILE +N|-N|+HH:MM:SS:FF|-HH:MM:SS:FF [--track ID] [-o COPY] [--json]\n"
                              "tctool repair FILE [--drop-frame on|off] [--track ID] [-o COPY] [--json]\n"
                              "tctool undo   FILE\n"
                              "tctool recover FILE [-o COPY | --in-place] [--json]\n";

struct Options {
    Request request;
    std::string file, copy;
    bool json = false, in_place = false;
};

/// By hand and not getopt: "-25" and "-00:00:01:00" are arguments here.
std::optional<Options> read_options(const std::vector<std::string>& words) {
    static const std::map<std::string, std::pair<Command, size_t>> commands = {
        {"show", {Command::show, 1}},     {"set", {Command::set, 2}},   {"shift", {Command::shift, 2}},
        {"repair", {Command::repair, 1}}, {"undo", {Command::undo, 1}}, {"recover", {Command::recover, 1}}};
    if (words.empty() || !commands.contains(words[0])) return std::nullopt;
    const auto [command, arguments] = commands.at(words[0]);
    Options out;
    out.request.command = command;
    std::vector<std::string> plain;
    const bool changes = command == Command::set || command == Command::shift || command == Command::repair;
    for (size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool more = i + 1 < words.size();
        if (word == "--json") {
            out.json = true;
        } else if (word == "--in-place" && command == Command::recover) {
            out.in_place = true;
        } else if ((word == "-o" || word == "--output") && more && (changes || command == Command::recover)) {
            out.copy = words[++i];
        } else if (word == "--drop-frame" && more && (command == Command::set || command == Command::repair)) {
            if (words[++i] != "on" && words[i] != "off") return std::nullopt;
            out.request.drop_frame = words[i] == "on";
        } else if (word == "--track" && more && changes) {
            const std::string& id = words[++i];
            uint32_t value = 0;
            const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), value);
            if (failed != std::errc() || end != id.data() + id.size()) return std::nullopt;
            out.request.track = value;
        } else if (word.starts_with("--")) {
            return std::nullopt;
        } else {
            plain.push_back(word);
        }
    }
    if (plain.size() != arguments || (out.in_place && !out.copy.empty())) return std::nullopt;
    out.file = plain[0];
    if (arguments == 2) out.request.argument = plain[1];
    return out;
}

void report(const Options& options, const std::string& path, const std::vector<std::string>& done) {
    const mov::FileBytes bytes(path);
    const mov::TimecodeFile file = mov::read_timecode_file(bytes.size(), bytes.reader());
    std::fputs((options.json ? json_report : text_report)(file, path, done).c_str(), stdout);
}

void run(const Options& options) {
    if (options.request.command == Command::undo) {
        undo(options.file);
        std::printf("%s: as it was before the change that was cut off\n", options.file.c_str());
        return;
    }
    if (options.request.command == Command::show) return report(options, options.file, {});
    check_no_undo(options.file);
    if (options.request.command == Command::recover) {
        const std::string copy = options.copy.empty() ? recovered_path(options.file) : options.copy;
        const Recovered made = recover(options.file, options.in_place ? "" : copy);
        return report(options, made.path, made.done);
    }
    const mov::FileBytes bytes(options.file);
    const mov::ReadAt read = bytes.reader();
    const mov::TimecodeFile file = mov::read_timecode_file(bytes.size(), read);
    const Plan change = plan(file, bytes.size(), read, options.request, !options.copy.empty());
    if (!options.copy.empty())
        write_copy(options.file, bytes.size(), change, options.copy);
    else if (!change.patches.empty())
        change_in_place(options.file, bytes.size(), change);
    report(options, options.copy.empty() ? options.file : options.copy, change.done);
}

} // namespace

int main(int argc, char** argv) {
    const auto options = read_options({argv + 1, argv + argc});
    if (!options) {
        std::fputs(usage, stderr);
        return 2;
    }
    try {
        run(*options);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "tctool: %s: %s\n", options->file.c_str(), e.what());
    }
    return 1;
}
