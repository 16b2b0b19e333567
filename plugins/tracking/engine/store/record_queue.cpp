// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/store/record_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace onair::track {

size_t RecordQueue::bytes_of(const Record& record) {
    if (const auto* event = std::get_if<Event>(&record)) return sizeof(Record) + event->body.size();
    if (const auto* refusal = std::get_if<Refusal>(&record)) return sizeof(Record) + refusal->excerpt.size();
    return sizeof(Record);
}

bool RecordQueue::may_be_dropped(const Record& record) {
    return std::holds_alternative<Event>(record) || std::holds_alternative<Refusal>(record);
}

void RecordQueue::push(Record record) {
    bytes_ += bytes_of(record);
    if (end_ < records_.size())
        records_[end_] = std::move(record);
    else
        records_.push_back(std::move(record));
    ++end_;
}

bool RecordQueue::drop_oldest() {
    const auto head = records_.begin() + static_cast<std::ptrdiff_t>(head_);
    const auto end = records_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto oldest = std::find_if(head, end, may_be_dropped);
    if (oldest == end) return false;
    std::rotate(head, oldest, std::next(oldest));
    bytes_ -= bytes_of(*head);
    *head = Tally{};
    ++head_;
    if (head_ > end_ / 2) { // else a queue that is always full would grow for ever
        std::move(records_.begin() + static_cast<std::ptrdiff_t>(head_), end, records_.begin());
        end_ -= std::exchange(head_, 0);
    }
    return true;
}

void RecordQueue::clear() noexcept { head_ = end_ = bytes_ = 0; }

void RecordQueue::release(size_t keep) {
    keep = std::max(keep, end_);
    if (records_.size() > keep) records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(keep), records_.end());
    if (keep == 0) records_.shrink_to_fit();
}

} // namespace onair::track
