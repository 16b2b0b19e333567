// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/delivery/lanes.hpp"

#include <algorithm>
#include <utility>

namespace onair::track {

/// FNV-1a with MurmurHash3's finish (FNV alone hardly mixes the last characters): the same on every machine.
size_t Lanes::of(std::string_view partition) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : partition)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
    return static_cast<size_t>(hash >> 33) % count;
}

void Lanes::add(Item item) {
    auto& items = lanes_[item.lane].items;
    ++size_;
    bytes_ += item.request.size();
    const auto at = std::upper_bound(items.begin(), items.end(), item, [](const Item& a, const Item& b) {
        return std::pair(a.time_us, a.seq) < std::pair(b.time_us, b.seq);
    });
    items.insert(at, std::move(item));
}

size_t Lanes::free_size() const {
    size_t n = 0;
    for (const Lane& lane : lanes_)
        if (!lane.held) n += lane.items.size();
    return n;
}

/// Those that waited longest first.
std::vector<Lanes::Lane*> Lanes::free_lanes() {
    std::vector<Lane*> out;
    for (Lane& lane : lanes_)
        if (!lane.held && !lane.items.empty() && !(past_held_ && lane.items.front().past)) out.push_back(&lane);
    std::sort(out.begin(), out.end(), [](const Lane* a, const Lane* b) {
        const Item &x = a->items.front(), &y = b->items.front();
        return std::pair(x.time_us, x.seq) < std::pair(y.time_us, y.seq);
    });
    return out;
}

/// Waiting events of the lanes that one of several requests holds: the others find as much. By events, not by lanes:
/// else those that got the busier visitors would still be sending when the others have nothing left. Requests of less
/// than a quarter are not worth while.
size_t Lanes::share(size_t events, size_t connections) const {
    return std::max(events / 4, (size_ + connections - 1) / connections);
}

std::vector<Item> Lanes::take(size_t events, size_t bytes, size_t connections) {
    std::vector<Item> out;
    const size_t most_held = share(events, connections);
    size_t taken = 0, held = 0;
    for (Lane* lane : free_lanes()) {
        if (held >= most_held) break;
        const bool unsure = out.empty() ? lane->items.front().unsure : out.front().unsure;
        const size_t most = unsure ? std::min(events, most_unsure) : events;
        const size_t waiting = lane->items.size();
        while (!lane->items.empty() && lane->items.front().unsure == unsure && out.size() < most) {
            const size_t size = lane->items.front().request.size();
            if (!out.empty() && taken + size > bytes) break;
            taken += size;
            out.push_back(std::move(lane->items.front()));
            lane->items.pop_front();
            lane->held = true;
        }
        if (lane->held) held += waiting;
    }
    size_ -= out.size();
    bytes_ -= taken;
    hold(out);
    std::stable_sort(out.begin(), out.end(), [](const Item& a, const Item& b) { return a.time_us < b.time_us; });
    return out;
}

void Lanes::release(const std::vector<Item>& items) { set_held(items, false); }

void Lanes::hold(const std::vector<Item>& items) { set_held(items, true); }

void Lanes::set_held(const std::vector<Item>& items, bool held) {
    for (const Item& item : items) {
        lanes_[item.lane].held = held;
        if (item.past) past_held_ = held;
    }
}

void Lanes::clear() {
    for (Lane& lane : lanes_)
        lane.items.clear();
    size_ = bytes_ = 0;
}

} // namespace onair::track
