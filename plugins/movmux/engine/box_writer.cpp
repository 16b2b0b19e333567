// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/box_writer.hpp"

namespace onair::mov {

void BoxWriter::put(uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i)
        bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

void BoxWriter::type(std::string_view four) {
    for (size_t i = 0; i < 4; ++i)
        u8(i < four.size() ? static_cast<uint8_t>(four[i]) : ' ');
}

void BoxWriter::patch_u32(size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i)
        bytes_.at(at + i) = static_cast<uint8_t>(value >> (24 - 8 * i));
}

size_t BoxWriter::open(std::string_view name) {
    const size_t start = bytes_.size();
    u32(0);
    type(name);
    return start;
}

void BoxWriter::close(size_t start) {
    const uint64_t size = bytes_.size() - start;
    if (size <= UINT32_MAX) return patch_u32(start, static_cast<uint32_t>(size));
    const uint64_t large = size + 8;
    patch_u32(start, 1);
    bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(start) + 8, 8, 0);
    patch_u32(start + 8, static_cast<uint32_t>(large >> 32));
    patch_u32(start + 12, static_cast<uint32_t>(large));
}

} // namespace onair::mov
