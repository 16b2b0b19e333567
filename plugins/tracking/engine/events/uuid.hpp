// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <string>

namespace onair::track {

/// Makes UUIDs version 7 (RFC 9562 section 5.7): time-ordered, so that the store's index grows at its end.
///
/// | bits    | content                                                    |
/// |---------|------------------------------------------------------------|
/// | 0-47    | milliseconds since 1970, big endian                        |
/// | 48-51   | version, 7                                                 |
/// | 52-63   | counter within the millisecond (method 1 of section 6.2)   |
/// | 64-65   | variant, binary 10                                         |
/// | 66-127  | random                                                     |
///
/// Ids of one maker rise strictly, also when the clock goes back. Any thread may call.
class UuidMaker {
  public:
    std::string make(int64_t now_us);

  private:
    void random(uint8_t* out, size_t n);

    std::mutex lock_;
    int64_t last_ms_ = 0;
    unsigned counter_ = 0;
    std::array<uint8_t, 4096> pool_{}; ///< random bytes in stock: one system call for many ids
    size_t left_ = 0;
};

} // namespace onair::track
