// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "engine/store/sqlite.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace onair::track {

/// Who is who: table `visitors` maps users ("u:…"), devices ("d:…") and keys of the application ("k:…") to visitors.
///
/// | known before          | then                                                                       |
/// |-----------------------|----------------------------------------------------------------------------|
/// | neither               | a new visitor, for both                                                    |
/// | the user              | the device is that visitor's from now on                                   |
/// | the device            | the user gets the device's visitor, unless another user has it: a new one  |
/// | both, the same        | nothing                                                                    |
/// | both, different       | no other user has the device's visitor: the two become the user's one;     |
/// |                       | else the device is the user's from now on                                  |
///
/// Inside of a transaction.
class Identity {
  public:
    explicit Identity(sql::Database& db) : db_(db) {}

    /// The visitor of an event; empty when it names neither user nor device. `given`: one that the application knows.
    std::string resolve(std::string_view user, std::string_view device, std::string_view given, int64_t now_us);
    /// The visitor of a key of the application; a new one when it was not seen for `ttl_us`.
    std::string of_key(std::string_view key, int64_t ttl_us, int64_t now_us);
    std::string find(const std::string& key); ///< empty: none

    void add_clicks(const std::string& visitor, const std::vector<std::pair<std::string, std::string>>& clicks,
                    int64_t now_us);
    std::string clicks(const std::string& visitor, int64_t since_us); ///< JSON object, or empty

    void forget_cache() { cache_.clear(); } ///< after a rollback, and when rows were removed

  private:
    struct Entry {
        std::string visitor;
        int64_t seen_us;
    };
    Entry* look_up(const std::string& key);
    void put(const std::string& key, const std::string& visitor, int64_t now_us);
    void seen(const std::string& key, Entry& entry, int64_t now_us);
    bool has_other_user(const std::string& visitor, const std::string& user_key);
    void merge(const std::string& from, const std::string& into);

    sql::Database& db_;
    std::unordered_map<std::string, Entry> cache_;
};

} // namespace onair::track
