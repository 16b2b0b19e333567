// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/sample_entry.hpp"

#include "engine/box_writer.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

namespace onair::mov {

namespace {

constexpr std::string_view with_btrt[] = {"avc1", "avc3", "hvc1", "hev1"};

void put(std::vector<uint8_t>& bytes, size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

std::optional<size_t> find(const std::vector<uint8_t>& bytes, std::string_view type) {
    const auto at = std::search(bytes.begin() + 8, bytes.end(), type.begin(), type.end());
    return at == bytes.end() ? std::nullopt : std::optional(static_cast<size_t>(at - bytes.begin()));
}

/// Steps over a descriptor's tag and size (7 bits a byte); nothing when it is not `tag`.
std::optional<size_t> enter(const std::vector<uint8_t>& bytes, size_t at, uint8_t tag) {
    if (at >= bytes.size() || bytes[at] != tag) return std::nullopt;
    for (int i = 0; i < 4; ++i)
        if (++at >= bytes.size() || !(bytes[at] & 0x80)) break;
    return at + 1;
}

void set_esds(std::vector<uint8_t>& entry, uint32_t bits) {
    constexpr size_t box_fields = 4, es_fields = 3, rate_at = 5;
    const auto esds = find(entry, "esds");
    const auto es = esds ? enter(entry, *esds + 4 + box_fields, 3) : std::nullopt;
    const auto decoder = es ? enter(entry, *es + es_fields, 4) : std::nullopt;
    if (!decoder || *decoder + rate_at + 8 > entry.size()) return;
    put(entry, *decoder + rate_at, bits);
    put(entry, *decoder + rate_at + 4, bits);
}

void set_btrt(std::vector<uint8_t>& entry, uint32_t bits) {
    const std::string_view type(reinterpret_cast<const char*>(entry.data()) + 4, 4);
    auto at = find(entry, "btrt");
    if (!at && std::find(std::begin(with_btrt), std::end(with_btrt), type) != std::end(with_btrt)) {
        BoxWriter w;
        w.bytes(entry);
        w.box("btrt", [&] { w.zeros(12); });
        w.patch_u32(0, static_cast<uint32_t>(w.size()));
        entry = w.take();
        at = entry.size() - 16;
    }
    if (!at || *at + 16 > entry.size()) return;
    put(entry, *at + 8, bits);
    put(entry, *at + 12, bits);
}

} // namespace

std::vector<uint8_t> with_bit_rate(std::vector<uint8_t> entry, uint32_t bits) {
    if (bits == 0 || entry.size() < 16) return entry;
    set_esds(entry, bits);
    set_btrt(entry, bits);
    return entry;
}

} // namespace onair::mov
