// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/ip_mask.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>

namespace onair::track {

namespace {

using Address = std::array<uint8_t, 16>;

/// Zeroes the last `n` of the first `size` bytes.
void cut_end(Address& address, size_t size, size_t n) {
    std::fill_n(address.begin() + static_cast<std::ptrdiff_t>(size - n), n, uint8_t{0});
}

std::string text_of(int family, const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    return inet_ntop(family, address.data(), out.data(), out.size()) ? out.data() : "";
}

bool is_mapped(const Address& a) {
    return std::all_of(a.begin(), a.begin() + 10, [](uint8_t b) { return b == 0; }) && a[10] == 0xff && a[11] == 0xff;
}

} // namespace

std::string mask_ip(std::string_view ip, int level) {
    constexpr std::array<size_t, 5> bytes_of_v6{0, 8, 10, 13, 16};
    const auto at = static_cast<size_t>(std::clamp(level, 0, 4));
    const std::string text(ip);
    Address address{};
    if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) {
        cut_end(address, 4, at);
        return text_of(AF_INET, address);
    }
    if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return {};
    cut_end(address, 16, is_mapped(address) ? at : bytes_of_v6[at]);
    return text_of(AF_INET6, address);
}

} // namespace onair::track
