// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once
#include "common/gst/ref_ptr.hpp"

#include <gst/app/gstappsrc.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace onair::demo {

/// Where in the programme something happened.
struct Position {
    std::optional<int64_t> pts_ns; ///< running time of the movie
    std::string timecode;          ///< empty: none
};

/// The as-run record: a pipeline of its own, `appsrc ! trackingsink`, so that it lives as long as the program and ends
/// after the movie. Events are NDJSON (docs/specs/tracking-event.md).
class EventLog {
  public:
    /// Opens `database`. Throws Error with the sink's own words when that cannot be.
    EventLog(const std::string& database, std::string run);
    ~EventLog();
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    /// Adds an event of `type`; `props` become its own fields beside the run's name. Any thread.
    void add(std::string_view type, const Position& at,
             std::initializer_list<std::pair<std::string_view, std::string_view>> props = {});

    /// Events that are committed to the database.
    uint64_t accepted() const;

    /// Waits until everything added is committed. Throws Error when the sink failed.
    void close();

  private:
    std::string run_;
    gst::ElementPtr pipeline_, source_, sink_;
    gst::BusPtr bus_;
};

} // namespace onair::demo
