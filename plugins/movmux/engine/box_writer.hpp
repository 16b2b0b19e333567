// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace onair::mov {

/// Writes boxes into memory; all numbers big endian. The size of a box is filled in when its body returns:
///
///     w.box("edts", [&] { w.full_box("elst", 0, 0, [&] { w.u32(0); }); });
///
/// | offset | bytes | content of a box (QuickTime File Format, "Atoms"; ISO/IEC 14496-12, 4.2)             |
/// |--------|-------|----------------------------------------------------------------------------------------|
/// | 0      | 4     | size, header included; 1: the size follows the type in 64 bits; 0: to the file's end   |
/// | 4      | 4     | type                                                                                   |
/// | 8      | 0, 8  | size in 64 bits                                                                        |
/// | 8, 16  | 0, 4  | full boxes: version in 8 bits, flags in 24                                             |
class BoxWriter {
  public:
    void u8(uint64_t value) { bytes_.push_back(static_cast<uint8_t>(value)); }
    void u16(uint64_t value) { put(value, 2); }
    void u24(uint64_t value) { put(value, 3); }
    void u32(uint64_t value) { put(value, 4); }
    void u64(uint64_t value) { put(value, 8); }
    void i16(int64_t value) { put(static_cast<uint64_t>(value), 2); }
    void i32(int64_t value) { put(static_cast<uint64_t>(value), 4); }
    void i64(int64_t value) { put(static_cast<uint64_t>(value), 8); }
    /// 32 bits, or 64 in version 1 of a box.
    void sized(uint8_t version, uint64_t value) { put(value, version ? 8 : 4); }
    void zeros(size_t count) { bytes_.resize(bytes_.size() + count); }
    void text(std::string_view text) {
        for (const char c : text) // insert() into an empty vector makes g++ 12 warn of an overflow
            u8(static_cast<uint8_t>(c));
    }
    void bytes(std::span<const uint8_t> data) { bytes_.insert(bytes_.end(), data.begin(), data.end()); }
    /// A type of four bytes; shorter ones are filled with blanks. The © of QuickTime's user data is "\xa9".
    void type(std::string_view four);

    template <class Body>
    void box(std::string_view name, Body&& body) {
        const size_t start = open(name);
        std::forward<Body>(body)();
        close(start);
    }
    template <class Body>
    void full_box(std::string_view name, uint8_t version, uint32_t flags, Body&& body) {
        box(name, [&] {
            u8(version);
            u24(flags);
            std::forward<Body>(body)();
        });
    }

    /// Overwrites 4 bytes that are there.
    void patch_u32(size_t at, uint32_t value);

    size_t size() const noexcept { return bytes_.size(); }
    const std::vector<uint8_t>& data() const noexcept { return bytes_; }
    std::vector<uint8_t> take() { return std::move(bytes_); }

  private:
    void put(uint64_t value, int count);
    size_t open(std::string_view name);
    void close(size_t start);

    std::vector<uint8_t> bytes_;
};

} // namespace onair::mov
