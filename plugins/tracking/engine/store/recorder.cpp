// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/recorder.hpp"

#include "common/base/error.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace onair::track {

namespace {

size_t bytes_of(const Record& record) {
    const auto* event = std::get_if<Event>(&record);
    return sizeof(Record) + (event ? event->body.size() : std::get<Refusal>(record).excerpt.size());
}

} // namespace

Recorder::Recorder(Store& store, Config config)
    : store_(store), config_(std::move(config)), thread_([this] { run(); }) {}

Recorder::~Recorder() { stop(); }

void Recorder::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
    }
    work_.notify_all();
    room_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Recorder::Result Recorder::submit(Record record, bool wait) {
    const size_t bytes = bytes_of(record);
    {
        std::unique_lock guard(lock_);
        const auto has_room = [&] {
            return queue_.empty() ||
                   (queue_.size() < config_.max_records && queued_bytes_ + bytes <= config_.max_bytes);
        };
        if (wait) room_.wait(guard, [&] { return failed_ || stopping_ || interrupted_ || has_room(); });
        if (failed_ || stopping_) return Result::failed;
        if (wait && !has_room()) return Result::interrupted;
        queue_.push_back(std::move(record));
        queued_bytes_ += bytes;
        ++received_;
    }
    work_.notify_one();
    return Result::ok;
}

Recorder::Result Recorder::flush() {
    std::unique_lock guard(lock_);
    const int64_t target = received_;
    room_.wait(guard, [&] { return failed_ || settled_ >= target; });
    return settled_ >= target ? Result::ok : Result::failed;
}

void Recorder::interrupt(bool on) {
    {
        const std::lock_guard guard(lock_);
        interrupted_ = on;
    }
    room_.notify_all();
}

int64_t Recorder::received() const {
    const std::lock_guard guard(lock_);
    return received_;
}

bool Recorder::commit_group(std::vector<Record>& group) {
    try {
        for (size_t at = 0; at < group.size(); at += config_.group) {
            const size_t n = std::min(config_.group, group.size() - at);
            store_.commit(std::span(group).subspan(at, n));
            if (config_.committed) config_.committed(); // before flush() returns: a drain after it must see the work
            {
                const std::lock_guard guard(lock_);
                settled_ += static_cast<int64_t>(n);
            }
            room_.notify_all();
        }
        return true;
    } catch (const Error& e) {
        if (config_.failed) config_.failed(e);
    } catch (const std::exception& e) {
        if (config_.failed) config_.failed(Error(ErrorKind::resource, "Storing an event failed.", e.what()));
    }
    return false;
}

void Recorder::run() {
    std::vector<Record> group;
    for (;;) {
        {
            std::unique_lock guard(lock_);
            work_.wait(guard, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            group.clear();
            std::swap(group, queue_);
            queued_bytes_ = 0;
        }
        room_.notify_all();
        if (commit_group(group)) continue;
        {
            const std::lock_guard guard(lock_);
            failed_ = true;
            queue_.clear();
        }
        room_.notify_all();
        return;
    }
}

} // namespace onair::track
