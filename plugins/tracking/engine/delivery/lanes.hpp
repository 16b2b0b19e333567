// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace onair::track {

/// An event that is ready to go.
struct Item {
    int64_t seq = 0;
    int64_t time_us = 0;
    std::string id;
    std::string request;
    size_t lane = 0;
    int64_t attempts = 0;   ///< when it was read
    bool unsure = false;    ///< it may be there: asked for before it is sent
    bool ambiguous = false; ///< it may be there
    bool unique = false;    ///< the destination refuses a second one as invalid
    bool past = false;      ///< in one request at a time, with others of the kind
};

/// Events that wait, by visitor: each visitor has one of a fixed number of lanes. A lane is sorted by time and is in
/// one request at a time, so that what a visitor did arrives in order; Matomo makes a second visit of events that do
/// not.
class Lanes {
  public:
    static constexpr size_t count = 128;
    static constexpr size_t most_unsure = 50; ///< events of one question

    static size_t of(std::string_view partition);

    void add(Item item);
    size_t size() const noexcept { return size_; }
    size_t free_size() const;                        ///< in lanes that are in no request
    size_t bytes() const noexcept { return bytes_; } ///< of all requests

    /// The next request: at most `events` and (but for the first) `bytes`, sorted by time; the lanes it comes from are
    /// held until release(). With several `connections` those lanes have about its part of what waits. Either all are
    /// unsure or none is. Those that are past are in no two requests. Empty: all that is there is held.
    std::vector<Item> take(size_t events, size_t bytes, size_t connections);
    void release(const std::vector<Item>& items);
    void hold(const std::vector<Item>& items); ///< a part of what was taken, released and goes on
    void clear();                              ///< of what waits; held lanes stay held

  private:
    struct Lane {
        std::deque<Item> items;
        bool held = false;
    };
    std::vector<Lane*> free_lanes();
    void set_held(const std::vector<Item>& items, bool held);
    size_t share(size_t events, size_t connections) const;

    std::array<Lane, count> lanes_;
    size_t size_ = 0, bytes_ = 0;
    bool past_held_ = false; ///< what is past is in a request
};

} // namespace onair::track
