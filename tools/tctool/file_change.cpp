// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_change.hpp"

#include "engine/box_reader.hpp"
#include "engine/box_writer.hpp"
#include "engine/file_bytes.hpp"
#include "file_output.hpp"
#include "messages.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <unistd.h>
#include <vector>

namespace onair::tctool {

using namespace onair::mov;

namespace {

constexpr std::string_view magic = "tcundo 1";

void save_undo(const std::string& path, uint64_t size, const Plan& plan) {
    BoxWriter w;
    w.text(magic);
    w.u64(size);
    w.u32(plan.patches.size());
    for (const Patch& patch : plan.patches)
        w.u64(patch.offset), w.u32(patch.before.size()), w.bytes(patch.before);
    const FileOutput out(undo_path(path), O_WRONLY | O_CREAT | O_EXCL);
    out.write(0, w.data());
    out.sync();
    sync_directory(path);
}

} // namespace

std::string undo_path(const std::string& path) { return path + ".tctool-undo"; }

void check_no_undo(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(undo_path(path), ignored)) throw error(Msg::undo_there, {path});
}

void change_in_place(const std::string& path, uint64_t size, const Plan& plan) {
    const FileOutput out(path, O_WRONLY); // before the undo file: a file that cannot be written leaves none
    save_undo(path, size, plan);
    try {
        for (const Patch& patch : plan.patches)
            out.write(patch.offset, patch.after);
        out.sync();
    } catch (const Error& e) {
        undo(path);
        throw error(Msg::undone, {path, e.what()});
    }
    ::unlink(undo_path(path).c_str());
    sync_directory(path);
}

void write_copy(const std::string& from, uint64_t size, const Plan& plan, const std::string& to) {
    const FileBytes in(from);
    write_new_file(to, from, [&](const FileOutput& out) {
        out.copy(in, 0, size, 0);
        for (const Patch& patch : plan.patches)
            out.write(patch.offset, patch.after);
    });
}

void undo(const std::string& path) {
    const std::string name = undo_path(path);
    std::error_code ignored;
    if (!std::filesystem::exists(name, ignored)) throw error(Msg::undo_none, {name});
    const FileBytes saved(name), now(path);
    std::vector<uint8_t> bytes(static_cast<size_t>(std::min(saved.size(), BoxLimits().size)));
    std::vector<std::pair<uint64_t, std::span<const uint8_t>>> patches;
    uint64_t size = 0;
    try {
        if (!saved.read(0, bytes)) throw error(Msg::undo_wrong, {name});
        Fields f(bytes, "undo");
        if (f.text(magic.size()) != magic) throw error(Msg::undo_wrong, {name});
        size = f.u64();
        for (uint32_t n = f.count(12); n; --n) {
            const uint64_t offset = f.u64();
            patches.emplace_back(offset, f.take(f.u32()));
        }
        if (f.left() != 0 || now.size() < size) throw error(Msg::undo_wrong, {name});
    } catch (const Error&) {
        throw error(Msg::undo_wrong, {name});
    }
    const FileOutput out(path, O_WRONLY);
    for (const auto& [offset, before] : patches)
        out.write(offset, before);
    out.resize(size);
    out.sync();
    ::unlink(name.c_str());
    sync_directory(path);
}

} // namespace onair::tctool
