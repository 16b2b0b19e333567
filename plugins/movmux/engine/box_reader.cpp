// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/box_reader.hpp"

#include "engine/messages.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace onair::mov {

namespace {

/// Boxes that hold nothing but boxes.
constexpr std::string_view containers[] = {"moov", "trak", "mdia", "minf", "stbl", "edts", "tref", "gmhd", "udta",
                                           "dinf", "mvex", "moof", "traf", "mfra", "tapt", "clip", "wave"};
constexpr size_t stsd_fields = 8; // version, flags, count

[[noreturn]] void refuse(std::string_view type, uint64_t offset, std::string_view why) {
    std::string name(type); // of a damaged file any bytes, and a message is text
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    throw error(Msg::not_boxes, {name, std::to_string(offset), why});
}

bool holds_boxes(std::string_view type) {
    return std::find(std::begin(containers), std::end(containers), type) != std::end(containers);
}

uint64_t big_endian(std::span<const uint8_t> bytes, size_t at, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i)
        value = value << 8 | bytes[at + i];
    return value;
}

class Parser {
  public:
    explicit Parser(const BoxLimits& limits) : limits_(limits) {}

    std::vector<Box> boxes(std::span<const uint8_t> bytes, uint64_t offset, std::string_view parent, int depth,
                           bool loose) {
        if (depth > limits_.depth) throw error(Msg::too_many_boxes, {"nested", std::to_string(limits_.depth)});
        std::vector<Box> made;
        size_t at = 0;
        while (bytes.size() - at >= 8) {
            // QuickTime ends user data with a 32-bit zero, and some writers pad sample entries with zeros.
            if (loose && big_endian(bytes, at, 4) == 0) break;
            made.push_back(box(bytes.subspan(at), offset + at, depth));
            at += made.back().bytes.size();
        }
        if (at != bytes.size() && !loose) refuse(parent, offset + at, "bytes are left over that are no box");
        return made;
    }

  private:
    Box box(std::span<const uint8_t> bytes, uint64_t offset, int depth) {
        if (++count_ > limits_.count) throw error(Msg::too_many_boxes, {"in all", std::to_string(limits_.count)});
        Box made;
        made.type.assign(bytes.begin() + 4, bytes.begin() + 8);
        made.offset = offset;
        uint64_t size = big_endian(bytes, 0, 4);
        if (size == 1) {
            if (bytes.size() < 16) refuse(made.type, offset, "its size is cut off");
            size = big_endian(bytes, 8, 8);
            made.header = 16;
        }
        if (size == 0) size = bytes.size();
        if (size < made.header || size > bytes.size()) refuse(made.type, offset, "it leaves the box around it");
        made.bytes = bytes.first(static_cast<size_t>(size));
        if (holds_boxes(made.type))
            made.children = boxes(made.content(), made.content_offset(), made.type, depth + 1, made.type == "udta");
        else if (made.type == "stsd" && made.content().size() >= stsd_fields)
            made.children = boxes(made.content().subspan(stsd_fields), made.content_offset() + stsd_fields, made.type,
                                  depth + 1, true);
        return made;
    }

    const BoxLimits& limits_;
    size_t count_ = 0;
};

} // namespace

const Box* Box::child(std::string_view name) const noexcept {
    const auto at = std::find_if(children.begin(), children.end(), [&](const Box& b) { return b.type == name; });
    return at == children.end() ? nullptr : &*at;
}

const Box* Box::find(std::string_view path) const noexcept {
    const Box* at = this;
    while (at && !path.empty()) {
        const size_t slash = std::min(path.find('/'), path.size());
        at = at->child(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return at;
}

std::vector<const Box*> Box::all(std::string_view name) const {
    std::vector<const Box*> found;
    for (const Box& box : children)
        if (box.type == name) found.push_back(&box);
    return found;
}

std::span<const uint8_t> Fields::take(size_t count) {
    if (count > left()) refuse(name_, position(), "it ends in the middle of its fields");
    at_ += count;
    return bytes_.subspan(at_ - count, count);
}

uint64_t Fields::number(size_t count) {
    const auto bytes = take(count);
    return big_endian(bytes, 0, count);
}

std::string Fields::text(size_t count) {
    const auto bytes = take(count);
    return {bytes.begin(), bytes.end()};
}

uint32_t Fields::count(size_t bytes_each) {
    const uint32_t entries = u32();
    if (uint64_t{entries} * bytes_each > left()) refuse(name_, position(), "it has fewer entries than it says");
    return entries;
}

std::vector<Box> parse_boxes(std::span<const uint8_t> bytes, uint64_t offset, const BoxLimits& limits) {
    if (bytes.size() > limits.size) throw error(Msg::too_many_boxes, {"bytes", std::to_string(limits.size)});
    return Parser(limits).boxes(bytes, offset, "file", 0, false);
}

std::vector<Box> parse_tail(const Box& box, size_t skip, const BoxLimits& limits) {
    if (skip > box.content().size()) refuse(box.type, box.offset, "it ends in the middle of its fields");
    return Parser(limits).boxes(box.content().subspan(skip), box.content_offset() + skip, box.type, 1, true);
}

std::vector<OuterBox> outer_boxes(uint64_t file_size, const ReadAt& read, const BoxLimits& limits) {
    std::vector<OuterBox> found;
    std::array<uint8_t, 16> head{};
    for (uint64_t at = 0; at < file_size; at += found.back().size) {
        if (found.size() >= limits.count) throw error(Msg::too_many_boxes, {"in all", std::to_string(limits.count)});
        const uint64_t left = file_size - at;
        const size_t want = static_cast<size_t>(std::min<uint64_t>(left, head.size()));
        if (want < 8) refuse("file", at, "bytes are left over that are no box");
        if (!read(at, std::span(head).first(want))) throw error(Msg::file_unreadable, {std::to_string(at)});
        OuterBox box;
        box.type.assign(head.begin() + 4, head.begin() + 8);
        box.offset = at;
        box.size = big_endian(head, 0, 4);
        if (box.size == 1) {
            if (want < 16) refuse(box.type, at, "its size is cut off");
            box.size = big_endian(head, 8, 8);
            box.header = 16;
        }
        box.to_end = box.size == 0;
        if (box.to_end) box.size = left;
        if (box.size < box.header || box.size > left) refuse(box.type, at, "it leaves the file");
        found.push_back(box);
    }
    return found;
}

std::vector<uint8_t> read_box(const OuterBox& box, const ReadAt& read, const BoxLimits& limits) {
    if (box.size > limits.size) throw error(Msg::too_many_boxes, {"bytes", std::to_string(limits.size)});
    std::vector<uint8_t> bytes(static_cast<size_t>(box.size));
    if (!read(box.offset, bytes)) throw error(Msg::file_unreadable, {std::to_string(box.offset)});
    return bytes;
}

} // namespace onair::mov
