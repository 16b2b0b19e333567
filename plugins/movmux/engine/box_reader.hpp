// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace onair::mov {

/// Bounds on what a file may make us do.
struct BoxLimits {
    int depth = 12;                    ///< boxes in boxes
    size_t count = 100000;             ///< boxes in all
    uint64_t size = uint64_t{1} << 30; ///< bytes of a box that is parsed in memory
};

/// One box in memory. It points into the bytes that were parsed and lives no longer than they do.
struct Box {
    std::string type;               ///< four bytes
    uint64_t offset = 0;            ///< of its header, in the file
    size_t header = 8;              ///< 8, or 16 with a 64-bit size
    std::span<const uint8_t> bytes; ///< header and content
    std::vector<Box> children;      ///< of a box that holds boxes, and of `stsd`: the sample entries

    std::span<const uint8_t> content() const { return bytes.subspan(header); }
    uint64_t content_offset() const noexcept { return offset + header; }

    /// The first child of a type; null when there is none.
    const Box* child(std::string_view name) const noexcept;
    /// The first box on a path of types: find("mdia/minf/stbl"); null when there is none.
    const Box* find(std::string_view path) const noexcept;
    std::vector<const Box*> all(std::string_view name) const;
};

/// Reads the fields of a box one after another. Every read beyond the end throws Error(format) naming the box.
class Fields {
  public:
    explicit Fields(const Box& box) : Fields(box.content(), box.type, box.content_offset()) {}
    Fields(std::span<const uint8_t> bytes, std::string name, uint64_t offset = 0)
        : bytes_(bytes), name_(std::move(name)), offset_(offset) {}

    uint8_t u8() { return static_cast<uint8_t>(number(1)); }
    uint16_t u16() { return static_cast<uint16_t>(number(2)); }
    uint32_t u24() { return static_cast<uint32_t>(number(3)); }
    uint32_t u32() { return static_cast<uint32_t>(number(4)); }
    uint64_t u64() { return number(8); }
    int16_t i16() { return static_cast<int16_t>(u16()); }
    int32_t i32() { return static_cast<int32_t>(u32()); }
    int64_t i64() { return static_cast<int64_t>(u64()); }
    uint64_t sized(uint8_t version) { return version ? u64() : u32(); }
    std::string text(size_t count);
    std::span<const uint8_t> take(size_t count);
    void skip(size_t count) { take(count); }

    size_t left() const noexcept { return bytes_.size() - at_; }
    uint64_t position() const noexcept { return offset_ + at_; } ///< in the file

    /// A count of entries of `bytes_each` that must lie in what is left; throws Error(format) else.
    uint32_t count(size_t bytes_each);

  private:
    uint64_t number(size_t count);

    std::span<const uint8_t> bytes_;
    std::string name_;
    uint64_t offset_;
    size_t at_ = 0;
};

/// The boxes in `bytes`, which lie at `offset` of the file, with everything in them. Throws Error(format) for boxes
/// that leave their parent and Error(resource) beyond the limits. Bytes outside are never read.
std::vector<Box> parse_boxes(std::span<const uint8_t> bytes, uint64_t offset = 0, const BoxLimits& limits = {});

/// The boxes behind the fixed fields of a sample entry or another box: `skip` bytes of its content first. Less than a
/// box at the end is ignored, as QuickTime ends lists with a 32-bit zero.
std::vector<Box> parse_tail(const Box& box, size_t skip, const BoxLimits& limits = {});

/// An outermost box of a file, content not read.
struct OuterBox {
    std::string type;
    uint64_t offset = 0;
    uint64_t header = 8;
    uint64_t size = 0;   ///< header and content
    bool to_end = false; ///< its size field is 0: it reaches to the end of the file
};

/// Reads `into.size()` bytes at `position`; false when that fails.
using ReadAt = std::function<bool(uint64_t position, std::span<uint8_t> into)>;

/// The outermost boxes of a file, of which only the headers are read. Throws Error(format) for what is not a file of
/// boxes, with the offset of the box that leaves the file.
std::vector<OuterBox> outer_boxes(uint64_t file_size, const ReadAt& read, const BoxLimits& limits = {});

/// The bytes of a box, header and content. Throws Error(resource) beyond the limit, Error(read) when they cannot be
/// read.
std::vector<uint8_t> read_box(const OuterBox& box, const ReadAt& read, const BoxLimits& limits = {});

} // namespace onair::mov
