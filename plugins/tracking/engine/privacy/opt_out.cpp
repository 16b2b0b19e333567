// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/privacy/opt_out.hpp"

#include <algorithm>
#include <mutex>

namespace onair::track {

namespace {

/// Calls `f(kind, id)` for each id that the subject has.
template <class F>
void each_id(const Subject& subject, F&& f) {
    if (!subject.user.empty()) f("user", subject.user);
    if (!subject.device.empty()) f("device", subject.device);
    if (!subject.session.empty()) f("session", subject.session);
    if (!subject.visitor.empty()) f("visitor", subject.visitor);
}

} // namespace

std::string OptOut::key_of(std::string_view kind, std::string_view id) const {
    return key_->hash("opt-out:" + std::string(kind), id, 64);
}

std::vector<std::string> OptOut::keys_of(const Subject& subject) const {
    std::vector<std::string> out;
    each_id(subject, [&](std::string_view kind, std::string_view id) {
        out.push_back(key_of(kind, id));
        out.push_back(key_of(kind, key_->id(kind, id)));
    });
    return out;
}

void OptOut::add(const std::vector<std::string>& keys) {
    const std::unique_lock guard(lock_);
    keys_.insert(keys.begin(), keys.end());
    size_ = keys_.size();
    ++version_;
}

void OptOut::remove(const std::vector<std::string>& keys) {
    const std::unique_lock guard(lock_);
    for (const auto& key : keys)
        keys_.erase(key);
    size_ = keys_.size();
    ++version_;
}

bool OptOut::has(const Subject& subject) const {
    if (size_ == 0) return false;
    bool found = false;
    each_id(subject, [&](std::string_view kind, std::string_view id) {
        const std::string key = key_of(kind, id);
        const std::shared_lock guard(lock_);
        found = found || keys_.contains(key);
    });
    return found;
}

} // namespace onair::track
