// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/events/uuid.hpp"

#include "common/base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/random.h>

namespace onair::track {

void UuidMaker::random(uint8_t* out, size_t n) {
    while (left_ < n) {
        // Up to 256 bytes come whole and without interruption (getrandom(2)).
        const ssize_t got = getrandom(pool_.data() + left_, std::min<size_t>(256, pool_.size() - left_), 0);
        if (got < 0 && errno != EINTR)
            throw Error(ErrorKind::resource, "The system has no random numbers for event ids.", std::strerror(errno));
        if (got > 0) left_ += static_cast<size_t>(got);
    }
    left_ -= n;
    std::memcpy(out, pool_.data() + left_, n);
    std::memset(pool_.data() + left_, 0, n);
}

std::string UuidMaker::make(int64_t now_us) {
    std::array<uint8_t, 16> b{};
    {
        const std::lock_guard guard(lock_);
        const int64_t now = now_us / 1000;
        if (now > last_ms_) {
            last_ms_ = now;
            counter_ = 0;
        } else if (++counter_ > 0xfff) {
            ++last_ms_;
            counter_ = 0;
        }
        for (size_t i = 0; i < 6; ++i)
            b[i] = static_cast<uint8_t>(last_ms_ >> (40 - 8 * i));
        b[6] = static_cast<uint8_t>(0x70 | (counter_ >> 8));
        b[7] = static_cast<uint8_t>(counter_);
        random(b.data() + 8, 8);
    }
    b[8] = static_cast<uint8_t>(0x80 | (b[8] & 0x3f));

    constexpr char hex[] = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (size_t i = 0; i < b.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += hex[b[i] >> 4];
        out += hex[b[i] & 15];
    }
    return out;
}

} // namespace onair::track
