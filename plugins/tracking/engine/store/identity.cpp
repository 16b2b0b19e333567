// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/identity.hpp"

#include "engine/store/limits.hpp"

#include <array>
#include <cstddef>
#include <sqlite3.h>

namespace onair::track {

namespace {

constexpr size_t max_cached = 8192;

std::string new_visitor() {
    std::array<unsigned char, 8> bytes{};
    sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data()); // ChaCha20, seeded by the system
    std::string out;
    for (const unsigned char byte : bytes) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

} // namespace

Identity::Entry* Identity::look_up(const std::string& key) {
    if (const auto at = cache_.find(key); at != cache_.end()) return &at->second;
    Entry* found = nullptr;
    db_.cached("SELECT visitor, seen_us FROM visitors WHERE key = ?1").bind(1, key).rows([&](sql::Statement& s) {
        if (cache_.size() >= max_cached) cache_.clear();
        found = &cache_.insert_or_assign(key, Entry{s.text(0), s.integer(1)}).first->second;
    });
    return found;
}

std::string Identity::find(const std::string& key) {
    const Entry* entry = look_up(key);
    return entry ? entry->visitor : std::string();
}

void Identity::put(const std::string& key, const std::string& visitor, int64_t now_us) {
    db_.cached("INSERT INTO visitors(key, visitor, first_us, seen_us) VALUES(?1, ?2, ?3, ?3) "
               "ON CONFLICT DO UPDATE SET visitor = excluded.visitor, seen_us = max(seen_us, excluded.seen_us)")
        .bind(1, key)
        .bind(2, visitor)
        .bind(3, now_us)
        .run();
    if (cache_.size() >= max_cached) cache_.clear();
    cache_.insert_or_assign(key, Entry{visitor, now_us});
}

/// Once a day is enough: the column only says when an entry grows too old.
void Identity::seen(const std::string& key, Entry& entry, int64_t now_us) {
    if (now_us - entry.seen_us < StoreLimits::day_us) return;
    entry.seen_us = now_us;
    db_.cached("UPDATE visitors SET seen_us = ?2 WHERE key = ?1").bind(1, key).bind(2, now_us).run();
}

bool Identity::has_other_user(const std::string& visitor, const std::string& user_key) {
    return db_.cached("SELECT 1 FROM visitors WHERE visitor = ?1 AND key GLOB 'u:*' AND key <> ?2")
               .bind(1, visitor)
               .bind(2, user_key)
               .first() == 1;
}

void Identity::merge(const std::string& from, const std::string& into) {
    db_.cached("UPDATE visitors SET visitor = ?2 WHERE visitor = ?1").bind(1, from).bind(2, into).run();
    // Of two ad clicks by one name the later one stays.
    db_.cached("INSERT INTO campaign(visitor, name, value, time_us) SELECT ?2, name, value, time_us FROM campaign "
               "WHERE visitor = ?1 ON CONFLICT DO UPDATE SET value = excluded.value, time_us = excluded.time_us "
               "WHERE excluded.time_us > time_us")
        .bind(1, from)
        .bind(2, into)
        .run();
    db_.cached("DELETE FROM campaign WHERE visitor = ?1").bind(1, from).run();
    cache_.clear();
}

std::string Identity::resolve(std::string_view user, std::string_view device, std::string_view given, int64_t now_us) {
    if (user.empty() && device.empty()) return std::string(given);
    const std::string user_key = "u:" + std::string(user), device_key = "d:" + std::string(device);
    Entry* of_user = user.empty() ? nullptr : look_up(user_key);
    std::string visitor = of_user ? of_user->visitor : "";
    if (of_user) seen(user_key, *of_user, now_us);
    Entry* of_device = device.empty() ? nullptr : look_up(device_key); // may end the life of of_user
    const std::string other = of_device ? of_device->visitor : "";
    if (of_device) seen(device_key, *of_device, now_us);

    if (visitor.empty() && !other.empty() && (user.empty() || !has_other_user(other, user_key))) visitor = other;
    if (visitor.empty()) visitor = given.empty() ? new_visitor() : std::string(given);
    if (!user.empty() && !of_user) put(user_key, visitor, now_us);
    if (device.empty() || other == visitor) return visitor;
    if (!other.empty() && !has_other_user(other, user_key)) merge(other, visitor);
    put(device_key, visitor, now_us);
    return visitor;
}

std::string Identity::of_key(std::string_view key, int64_t ttl_us, int64_t now_us) {
    const std::string full = "k:" + std::string(key);
    Entry* known = look_up(full);
    if (known && (ttl_us <= 0 || now_us - known->seen_us <= ttl_us)) {
        const std::string visitor = known->visitor;
        seen(full, *known, now_us);
        return visitor;
    }
    const std::string visitor = new_visitor();
    put(full, visitor, now_us);
    return visitor;
}

void Identity::add_clicks(const std::string& visitor, const std::vector<std::pair<std::string, std::string>>& clicks,
                          int64_t now_us) {
    for (const auto& [name, value] : clicks)
        db_.cached("INSERT INTO campaign(visitor, name, value, time_us) VALUES(?1, ?2, ?3, ?4) "
                   "ON CONFLICT DO UPDATE SET value = excluded.value, time_us = excluded.time_us")
            .bind(1, visitor)
            .bind(2, name)
            .bind(3, value)
            .bind(4, now_us)
            .run();
}

std::string Identity::clicks(const std::string& visitor, int64_t since_us) {
    std::string out;
    db_.cached("SELECT json_group_object(name, value) FROM campaign WHERE visitor = ?1 AND time_us >= ?2 "
               "HAVING count(*) > 0")
        .bind(1, visitor)
        .bind(2, since_us)
        .rows([&](sql::Statement& s) { out = s.text(0); });
    return out;
}

} // namespace onair::track
