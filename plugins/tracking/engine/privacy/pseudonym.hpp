// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

/// The one door to HMAC.
namespace onair::track {

/// Makes keyed hashes (HMAC-SHA256) of ids: without the key nobody can tell whose they are, with it the same id gives
/// the same hash. Any thread may call.
class Pseudonymiser {
  public:
    explicit Pseudonymiser(std::string_view key);
    /// Reads the key (or makes it) when it is first needed: most databases never need one.
    explicit Pseudonymiser(std::function<std::string()> key);
    ~Pseudonymiser();
    Pseudonymiser(const Pseudonymiser&) = delete;
    Pseudonymiser& operator=(const Pseudonymiser&) = delete;

    /// The first `digits` hexadecimal digits (at most 64) of HMAC(key, kind ":" text).
    std::string hash(std::string_view kind, std::string_view text, size_t digits) const;

    /// An id of that kind as it is stored: device 16 digits (its format), all others 32.
    std::string id(std::string_view kind, std::string_view text) const;

    void prepare() const; ///< reads the key now; throws what reading throws

    static std::unique_ptr<Pseudonymiser> passing(); ///< a random key that is nowhere but here

  private:
    struct Mac;
    std::function<std::string()> read_key_;
    mutable std::once_flag once_;
    mutable std::unique_ptr<Mac> mac_;
};

/// The key in `file` (32 bytes as 64 hexadecimal digits, mode 0600). Made when there is none. Throws Error(settings)
/// that never holds a byte of it.
std::string read_or_make_key(const std::string& file);

} // namespace onair::track
